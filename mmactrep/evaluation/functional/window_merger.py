"""Merging the frame scores of overlapping windows online."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

BLENDINGS = ('mean', 'triangular', 'hann')


@lru_cache(maxsize=32)
def blending_weights(length: int, blending: str = 'mean') -> np.ndarray:
    """How much the frames of a window count, all of them positive.

    Near its ends a window sees half of a frame's surroundings; ``'triangular'`` and ``'hann'`` let the other
    windows that cover the frame decide there.

    Args:
        length: Frames of the window.
        blending: ``'mean'``: 1 for all. ``'triangular'``: rises evenly to the middle. ``'hann'``: squared
            sine.

    Returns:
        (length,) float64.

    Raises:
        ValueError: If the name is unknown.
    """
    place = (np.arange(length) + 0.5) / max(length, 1)
    if blending == 'mean':
        return np.ones(length)
    if blending == 'triangular':
        return 1 - np.abs(2 * place - 1) * (1 - 1 / max(length, 1))
    if blending == 'hann':
        return np.sin(np.pi * place) ** 2
    raise ValueError(f'blending must be one of {BLENDINGS}, found {blending!r}')


class WindowMerger:
    """Weighted mean of the scores that windows give a frame, as the windows come.

    Memory is that of the frames that have not been popped: popping all frames before the next window keeps
    it at one window whatever the length of the sequence. Sums are kept in float64, so the order in which
    windows come does not show in float32.

    Args:
        num_classes: K.
        blending: See :func:`blending_weights`.
        start: First frame of the sequence.
    """

    def __init__(self, num_classes: int, blending: str = 'mean', start: int = 0) -> None:
        blending_weights(1, blending)
        self.num_classes = num_classes
        self.blending = blending
        self.start = start
        self._sums = np.zeros((0, num_classes))
        self._weights = np.zeros(0)

    def __len__(self) -> int:
        """Frames in memory."""
        return len(self._weights)

    @property
    def end(self) -> int:
        """Frame after the last one that a window has covered."""
        return self.start + len(self)

    def add(self, start: int, scores: np.ndarray, skip: int = 0) -> None:
        """Take in a window.

        Args:
            start: Its first frame.
            scores: (T, K), the valid frames alone.
            skip: Leave out so many frames at its beginning, which may have been popped.

        Raises:
            ValueError: If it has another number of classes, or begins before a frame that was popped.
        """
        scores = np.asarray(scores)
        if scores.ndim != 2 or scores.shape[1] != self.num_classes:
            raise ValueError(f'expected scores (frames, {self.num_classes}), found {scores.shape}')
        weights = blending_weights(len(scores), self.blending)[skip:]
        start, scores = start + skip, scores[skip:]
        if start < self.start:
            raise ValueError(f'a window begins at frame {start}, but frames before {self.start} are popped')
        first, last = start - self.start, start - self.start + len(scores)
        if last > len(self):
            more = last - len(self)
            self._sums = np.concatenate([self._sums, np.zeros((more, self.num_classes))])
            self._weights = np.concatenate([self._weights, np.zeros(more)])
        self._sums[first:last] += weights[:, None] * scores
        self._weights[first:last] += weights

    def pop(self, before: int | None = None) -> np.ndarray:
        """Take out the first frames, which no window may touch from now on.

        Args:
            before: Frame up to which (exclusive) frames are taken. Default: all.

        Returns:
            (n, K) float32, the frames from the former ``start`` on.

        Raises:
            ValueError: If no window covered one of them.
        """
        count = len(self) if before is None else min(before - self.start, len(self))
        count = max(count, 0)
        weights = self._weights[:count]
        if (weights == 0).any():
            raise ValueError(f'no window covers frame {self.start + int(np.argmin(weights))}')
        scores = (self._sums[:count] / weights[:, None]).astype(np.float32)
        self._sums, self._weights = self._sums[count:].copy(), self._weights[count:].copy()
        self.start += count
        return scores
