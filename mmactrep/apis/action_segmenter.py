"""A trained segmentor as a function: from a skeleton sequence of any length to scores of every frame."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence

import numpy as np
import torch

from mmactrep.datasets.transforms.sampling import replay_indices
from mmactrep.errors import InferenceError
from mmactrep.evaluation.functional.window_merger import WindowMerger
from mmactrep.structures import joint_scores
from mmactrep.structures.windows import window_starts

from .recognizer import ActionRecognizer


class ActionSegmenter(ActionRecognizer):
    """A segmentor with its test pipeline, from a config and a checkpoint.

    Args:
        model: Config file, or a ``Config``. Default: see :class:`ActionRecognizer`.
        weights: Checkpoint.
        window: Frames of a window. Default: the config's.
        stride: Frames from one window to the next. Default: half a window.
        blending: See :class:`WindowMerger`.
        bfloat16: Run the network in bfloat16.
        **kwargs: ``device``, ``layout``, ``classes``, see :class:`ActionRecognizer`.

    Raises:
        InferenceError: If the config does not describe a segmentor, or the stride does not fit the window.
    """

    def __init__(
        self,
        model,
        weights,
        window: int | None = None,
        stride: int | None = None,
        blending: str = 'triangular',
        bfloat16: bool = False,
        **kwargs,
    ) -> None:
        super().__init__(model, weights, **kwargs)
        if not hasattr(self.model, 'frame_logits'):
            raise InferenceError(f'{self.name} is not a segmentor: {type(self.model).__name__}')
        self._set_windows(window, stride, blending)
        self.bfloat16 = bfloat16

    def _set_windows(self, window: int | None, stride: int | None, blending: str) -> None:
        self.window = window or int(self.cfg.test_dataloader.dataset.get('window', 300))
        self.stride = stride or max(1, self.window // 2)
        if not 1 <= self.stride <= self.window:
            raise InferenceError(f'stride must lie in [1, {self.window}], found {self.stride}')
        self.blending = blending

    @torch.no_grad()
    def score_windows(self, clips: Sequence[dict]) -> np.ndarray:
        """Probabilities (N, T, K) of windows, which are annotation dictionaries of one length T."""
        inputs = torch.cat([self.prepare(clip)['inputs'] for clip in clips]).float().to(self.device)
        cast = torch.autocast(self.device.type, torch.bfloat16) if self.bfloat16 else contextlib.nullcontext()
        with cast:
            logits = self.model.frame_logits(inputs)
        return logits.float().sigmoid().cpu().numpy()

    def segment(self, clip: dict, batch_size: int = 8) -> np.ndarray:
        """Scores of every frame of a sequence.

        Args:
            clip: Annotation dictionary: ``keypoint`` (M, T, V, C), ``keypoint_score``, ``img_shape``,
                optionally ``layout``; of any length.
            batch_size: Windows per forward pass.

        Returns:
            (T, K) float32 probabilities.
        """
        return np.concatenate(list(self.iterate(clip, batch_size)))

    def iterate(self, clip: dict, batch_size: int = 8) -> Iterator[np.ndarray]:
        """:meth:`segment` piece by piece: yields frames (n, K) once no later window touches them."""
        total = np.shape(clip['keypoint'])[1]
        starts = window_starts(total, self.window, self.stride)
        merger = WindowMerger(len(self.classes), self.blending)
        for first in range(0, len(starts), batch_size):
            batch = starts[first : first + batch_size]
            windows = (
                cut_window(clip, int(start), min(int(start) + self.window, total), self.window)
                for start in batch
            )
            for start, scores in zip(batch, self.score_windows(list(windows))):
                merger.add(int(start), scores[: total - start])
            last = first + batch_size >= len(starts)
            yield merger.pop() if last else merger.pop(before=int(starts[first + batch_size]))


def cut_window(clip: dict, start: int, end: int, length: int) -> dict:
    """Frames [start, end) of a clip, replayed up to a length."""
    rows = start + replay_indices(end - start, length)
    keypoint = np.asarray(clip['keypoint'], np.float32)[:, rows]
    score = clip.get('keypoint_score')
    score = joint_scores(keypoint, None if score is None else np.asarray(score)[:, rows])
    return dict(clip, keypoint=keypoint, keypoint_score=score, total_frames=length)
