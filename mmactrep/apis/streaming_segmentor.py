"""Segmentation of a live skeleton."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mmactrep.errors import InferenceError
from mmactrep.evaluation.functional.window_merger import WindowMerger
from mmactrep.structures import joint_scores

from .action_segmenter import ActionSegmenter, cut_window


class StreamingSegmentor:
    """Segments a live skeleton: push frames, get scores with bounded latency.

    After every ``hop`` frames, the last ``window`` frames (fewer at the start of the stream) go through the
    network and their scores are merged. Frames at least ``lookahead`` frames back are returned, so a frame is
    scored at most ``lookahead + hop`` frames after it arrived. With ``lookahead = window - hop`` every window
    that covers a frame contributes to its scores, as offline with ``stride = hop`` (except for a last,
    incomplete hop); with less, a frame is scored sooner, by fewer windows.

    Args:
        score_window: Maps (M, T, V, C) coordinates and (M, T, V) scores to (T, K). ``from_segmenter`` makes
            one from an :class:`ActionSegmenter`.
        num_classes: K.
        window: Frames of a window.
        hop: Frames from one window to the next.
        lookahead: Frames held back.
        blending: See :class:`WindowMerger`.

    Raises:
        InferenceError: If hop or lookahead do not fit the window.
    """

    def __init__(
        self,
        score_window: Callable[[np.ndarray, np.ndarray], np.ndarray],
        num_classes: int,
        window: int = 128,
        hop: int = 16,
        lookahead: int = 32,
        blending: str = 'triangular',
    ) -> None:
        if not 1 <= hop <= window or not 0 <= lookahead <= window - hop:
            raise InferenceError(
                'expected hop in [1, window] and lookahead in [0, window - hop], found '
                f'{hop}, {lookahead} with window {window}'
            )
        self.score_window = score_window
        self.window, self.hop, self.lookahead = window, hop, lookahead
        self._merger = WindowMerger(num_classes, blending)
        self._frames: list[tuple[np.ndarray, np.ndarray]] = []
        self._pushed = self._scored = 0

    def __repr__(self) -> str:
        return (
            f'{type(self).__name__}(windows of {self.window} frames every {self.hop}, {self.lookahead} '
            'frames held back)'
        )

    @classmethod
    def from_segmenter(
        cls, segmenter: ActionSegmenter, img_shape: tuple[int, int], **options
    ) -> StreamingSegmentor:
        """A stream through a trained segmentor; ``img_shape`` (H, W) is the camera's."""

        def score_window(keypoint: np.ndarray, score: np.ndarray) -> np.ndarray:
            clip = dict(keypoint=keypoint, keypoint_score=score, img_shape=img_shape, layout=segmenter.layout)
            frames = keypoint.shape[1]
            return segmenter.score_windows([cut_window(clip, 0, frames, max(frames, options['window']))])[0][
                :frames
            ]

        options.setdefault('window', segmenter.window)
        options.setdefault('blending', segmenter.blending)
        return cls(score_window, len(segmenter.classes), **options)

    @property
    def next_frame(self) -> int:
        """Number of the frame that is returned next."""
        return self._merger.start

    def push(self, keypoint: np.ndarray, score: np.ndarray | None = None) -> np.ndarray:
        """Add the next frame.

        Args:
            keypoint: (M, V, C); zeros if nobody is seen.
            score: (M, V). Default: 1 where a coordinate is not 0.

        Returns:
            (n, K) scores of frames, starting at :attr:`next_frame` before the call; mostly n = 0.
        """
        keypoint = np.asarray(keypoint, np.float32)
        score = joint_scores(keypoint, score)
        self._frames.append((keypoint, score))
        self._frames = self._frames[-self.window :]
        self._pushed += 1
        if self._pushed - self.lookahead - self._merger.start < self.hop:
            return self._merger.pop(before=self._merger.start)
        self._score()
        return self._merger.pop(before=self._pushed - self.lookahead)

    def finish(self) -> np.ndarray:
        """Scores (n, K) of the remaining frames, at the end of the stream."""
        if self._scored < self._pushed:
            self._score()
        return self._merger.pop()

    def _score(self) -> None:
        first = self._pushed - len(self._frames)
        keypoint, score = (np.stack(part, axis=1) for part in zip(*self._frames))
        scores = np.asarray(self.score_window(keypoint, score))
        # scores that have been returned do not change
        self._merger.add(first, scores, skip=max(self._merger.start - first, 0))
        self._scored = self._pushed
