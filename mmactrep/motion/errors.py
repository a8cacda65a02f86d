"""What a user can mend in captures, exports and the settings of a library."""

from __future__ import annotations

from mmactrep.errors import UserError


class MotionError(UserError, ValueError):
    """A capture, an export or a setting from which no motion can be made; the message says which and why."""


class BvhError(MotionError):
    """A file that is no BVH, or a damaged one; the message says what was expected and what was found."""
