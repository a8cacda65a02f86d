"""The error for a list of inputs if some cannot be used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mmactrep.arguments import describe
from mmactrep.errors import InferenceError, UserError
from mmactrep.structures.recognition import RecognitionResult


class BatchError(InferenceError):
    """Some inputs of a list cannot be used.

    Args:
        found: The result or the error of every input.
        errors: The errors among them, by index.

    Attributes:
        results: One result per input; None for those that cannot be used.
        errors: The errors by index.
    """

    def __init__(
        self,
        found: Sequence[RecognitionResult | UserError | OSError],
        errors: Mapping[int, UserError | OSError],
    ) -> None:
        first = describe(next(iter(errors.values())))
        more = f' (and {len(errors) - 1} more)' if len(errors) > 1 else ''
        super().__init__(f'{len(errors)} of {len(found)} inputs cannot be used: {first}{more}')
        self.results = [None if number in errors else result for number, result in enumerate(found)]
        self.errors = dict(errors)
