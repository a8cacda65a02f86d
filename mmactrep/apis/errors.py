"""What can go wrong between a user's input and a prediction, as messages that need no trace."""

from __future__ import annotations

from mmactrep.errors import UserError


class InferenceError(UserError, ValueError):
    """An input, a config or a checkpoint that cannot be used; the message says which and why."""


class CheckpointError(InferenceError):
    """A checkpoint that is no checkpoint, does not fit its config, or does not say what it was trained on."""


class NoPersonError(InferenceError):
    """An input in which nobody was found."""
