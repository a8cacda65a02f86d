"""Errors that a user can fix in captures, exports and the settings of a library."""

from __future__ import annotations

from mmactrep.errors import UserError


class MotionError(UserError, ValueError):
    """A capture, an export or a setting from which no motion can be made; the message says which and why."""


class BvhError(MotionError):
    """A file that is not BVH, or is damaged; the message says what was expected and what was found."""
