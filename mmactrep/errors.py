"""Errors that a user can fix."""

from __future__ import annotations


class UserError(Exception):
    """An input, a config or a machine that cannot be used as it is; the message says what, where and why.

    The command-line tools print it without a trace (``mmactrep.arguments.plain_errors``). Subclasses
    have a built-in error as a second base, so that code using the library can catch them as usual.
    """

    def __str__(self) -> str:
        # KeyError, as a second base, would put the message in quotes.
        return str(self.args[0]) if len(self.args) == 1 else super().__str__()


class InferenceError(UserError, ValueError):
    """An input, a config or a checkpoint that cannot be used; the message says which and why."""


class CheckpointError(InferenceError):
    """A file that is not a checkpoint, does not fit its config, or does not say what it was trained on."""


class InputShapeError(UserError, ValueError):
    """Clips whose number of persons, joints or channels differs from what a model was built for."""


class NoPersonError(InferenceError):
    """An input in which nobody was found."""
