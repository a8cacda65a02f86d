"""The members of a split while its store is being written."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping

import numpy as np


class SplitMembers:
    """Names of clips in the order in which they were added; those that are there take eight bytes each."""

    def __init__(self) -> None:
        # number of a clip, or -1 - n for the n-th name of a clip that was not there yet
        self._numbers = array('q')
        self._later: list[str] = []

    def add(self, clip_ids: Iterable[str], clips: Mapping[str, int]) -> None:
        """Add names; ``clips`` are those that are there, with their numbers."""
        for clip_id in clip_ids:
            number = clips.get(clip_id)
            if number is None:
                self._later.append(clip_id)
                number = -len(self._later)
            self._numbers.append(number)

    def absent(self, clips: Mapping[str, int]) -> list[str]:
        """Names of which there is no clip."""
        return [clip_id for clip_id in dict.fromkeys(self._later) if clip_id not in clips]

    def rows(self, clips: Mapping[str, int]) -> np.ndarray:
        """(n,) int64 numbers of the clips, in order; one that was added twice comes once."""
        later = np.array([clips[clip_id] for clip_id in self._later], np.int64)
        numbers = np.array(self._numbers, np.int64)
        waiting = numbers < 0
        numbers[waiting] = later[-1 - numbers[waiting]]
        _, first = np.unique(numbers, return_index=True)
        return numbers[np.sort(first)]
