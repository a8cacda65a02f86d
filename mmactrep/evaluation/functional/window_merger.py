"""Merging the frame scores of overlapping windows online."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

BLENDINGS = ('mean', 'triangular', 'hann')


@lru_cache(maxsize=32)
def blending_weights(length: int, blending: str = 'mean') -> np.ndarray:
    """Weights of the frames of a window, all positive.

    Near its ends a window sees only half of a frame's surroundings; ``'triangular'`` and ``'hann'`` give more
    weight there to the other windows that cover the frame.

    Args:
        length: Frames of the window.
        blending: ``'mean'``: 1 for all. ``'triangular'``: rises linearly to the middle. ``'hann'``: squared
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
    """Online weighted mean of the scores that overlapping windows give each frame.

    Only frames that have not been popped take memory: popping all frames before the next window bounds it to
    one window, however long the sequence. Sums are in float64, so the order of the windows does not affect
    the float32 result.

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
        """Number of frames in memory."""
        return len(self._weights)

    @property
    def end(self) -> int:
        """Frame after the last one that a window has covered."""
        return self.start + len(self)

    def add(self, start: int, scores: np.ndarray, skip: int = 0) -> None:
        """Add a window.

        Args:
            start: Its first frame.
            scores: (T, K), of the valid frames only.
            skip: Number of frames to skip at its beginning, which may have been popped.

        Raises:
            ValueError: If the number of classes differs, or the window begins before a popped frame.
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
        """Remove and return the first frames, which no later window may touch.

        Args:
            before: End (exclusive) of the frames to pop. Default: all.

        Returns:
            (n, K) float32, starting at the former ``start``.

        Raises:
            ValueError: If one of them is covered by no window.
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
