"""Scores of the windows of a sequence, merged online into whole sequences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch

from mmactrep.evaluation.functional.window_merger import WindowMerger
from mmactrep.structures.segments import Segment, labels_to_segments

Segments = tuple[Segment, ...]


@dataclass(frozen=True, eq=False)
class ScoredWindow:
    """Scores (T, K) float32 and labels (T, K) bool of the valid frames of one window of a sequence.

    ``segments`` are the true segments of the whole sequence, counted from its first frame; None if only the
    labels are known.
    """

    clip_id: str
    start: int
    sequence: tuple[int, int]
    num_windows: int
    scores: np.ndarray
    labels: np.ndarray
    segments: Segments | None = None


@dataclass(frozen=True, eq=False)
class ScoredSequence:
    """Scores (T, K) float32, labels (T, K) bool and true segments of a whole sequence.

    Frame labels cannot separate two adjacent actions of one class; ``segments`` do. Default: the runs of the
    labels.
    """

    clip_id: str
    scores: np.ndarray
    labels: np.ndarray
    segments: Segments | None = None

    def __post_init__(self) -> None:
        if self.segments is None:
            object.__setattr__(self, 'segments', tuple(labels_to_segments(self.labels)))


def read_window(data_sample: Mapping) -> ScoredWindow:
    """Read the scores and labels of a window from a data sample.

    Args:
        data_sample: With ``pred_frames`` and ``gt_frames`` (T, K), and what ``PackSegmentationInputs`` adds.

    Raises:
        ValueError: If a key is absent, shapes differ, the window is reversed or outside the sequence, or
            scores are NaN or infinite; the message names the clip.
    """
    clip_id = str(data_sample.get('frame_dir', 'a clip'))
    lacking = [
        key
        for key in ('pred_frames', 'gt_frames', 'clip_window', 'sequence', 'num_windows')
        if data_sample.get(key) is None
    ]
    if lacking:
        raise ValueError(
            f"'{clip_id}': no {lacking} in the data sample; segmentation needs SkeletonSegmentationDataset, "
            'PackSegmentationInputs and FrameHead'
        )
    start, end = (int(value) for value in data_sample['clip_window'])
    first, last = (int(value) for value in data_sample['sequence'])
    num_windows = int(data_sample['num_windows'])
    if not 0 <= first <= start < end <= last or num_windows < 1:
        raise ValueError(
            f"'{clip_id}': expected a window within its sequence, found frames {start} to {end} of "
            f'{first} to {last} in {num_windows} windows'
        )
    scores = torch.as_tensor(data_sample['pred_frames']).detach().float().cpu().numpy()
    labels = torch.as_tensor(data_sample['gt_frames']).cpu().numpy() > 0
    if scores.shape != labels.shape or len(scores) < end - start:
        raise ValueError(f"'{clip_id}': scores {scores.shape} do not fit labels {labels.shape}")
    scores, labels = scores[: end - start], labels[: end - start]
    if not np.isfinite(scores).all():
        raise ValueError(f"'{clip_id}', frames {start} to {end}: the model gave NaN or infinite scores")
    segments = data_sample.get('sequence_segments')
    segments = None if segments is None else tuple(Segment(*map(int, segment)) for segment in segments)
    return ScoredWindow(clip_id, start, (first, last), num_windows, scores, labels, segments)


class SequenceCollector:
    """Merges windows into whole sequences, each as soon as its last window arrives.

    Args:
        blending: See :class:`WindowMerger`.
    """

    def __init__(self, blending: str = 'mean') -> None:
        self.blending = blending
        self._open: dict[str, _OpenSequence] = {}

    def add(self, window: ScoredWindow) -> ScoredSequence | None:
        """Add a window; returns the sequence if this completes it."""
        first, last = window.sequence
        if window.clip_id not in self._open:
            merger = WindowMerger(window.scores.shape[1], self.blending, first)
            labels = np.zeros((last - first, window.labels.shape[1]), bool)
            self._open[window.clip_id] = _OpenSequence(merger, labels, window.segments)
        sequence = self._open[window.clip_id]
        sequence.merger.add(window.start, window.scores)
        sequence.labels[window.start - first : window.start - first + len(window.labels)] = window.labels
        sequence.count += 1
        return self._finish(window.clip_id) if sequence.count == window.num_windows else None

    def finish(self) -> list[ScoredSequence]:
        """The remaining sequences, of which only some windows were evaluated, cut to those windows."""
        return [self._finish(clip_id) for clip_id in list(self._open)]

    def _finish(self, clip_id: str) -> ScoredSequence:
        sequence = self._open.pop(clip_id)
        scores = sequence.merger.pop()
        whole = len(scores) == len(sequence.labels)
        return ScoredSequence(
            clip_id, scores, sequence.labels[: len(scores)], sequence.segments if whole else None
        )


@dataclass
class _OpenSequence:
    """A sequence that still lacks windows."""

    merger: WindowMerger
    labels: np.ndarray
    segments: Segments | None
    count: int = 0
