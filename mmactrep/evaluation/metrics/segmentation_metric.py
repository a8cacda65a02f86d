"""Metrics of temporal action segmentation over windows that are merged as they come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from mmengine.dist import get_world_size
from mmengine.evaluator import BaseMetric

from mmactrep.evaluation.functional.segmentation import count_right_frames, frame_map
from mmactrep.evaluation.functional.segmentation_events import edit_score, event_map, segmental_f1
from mmactrep.evaluation.functional.window_merger import WindowMerger, blending_weights
from mmactrep.registry import METRICS
from mmactrep.structures.segments import labels_to_segments, scores_to_segments


@dataclass(frozen=True, eq=False)
class WindowScores:
    """Scores (T, K) float32 and labels (T, K) bool of the valid frames of one window of a sequence."""

    clip_id: str
    start: int
    sequence: tuple[int, int]
    num_windows: int
    scores: np.ndarray
    labels: np.ndarray


@dataclass(frozen=True, eq=False)
class SequenceScores:
    """Scores (T, K) float32 and labels (T, K) bool of a whole sequence."""

    clip_id: str
    scores: np.ndarray
    labels: np.ndarray


def read_window(data_sample: Mapping) -> WindowScores:
    """Take the scores and labels of a window out of a data sample.

    Args:
        data_sample: With ``pred_frames`` and ``gt_frames`` (T, K), and what ``PackSegmentationInputs`` adds.

    Raises:
        ValueError: If a key is absent, shapes differ, or scores are NaN or infinite; the message names the
            clip.
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
    scores = torch.as_tensor(data_sample['pred_frames']).detach().float().cpu().numpy()
    labels = torch.as_tensor(data_sample['gt_frames']).cpu().numpy() > 0
    if scores.shape != labels.shape or len(scores) < end - start:
        raise ValueError(f"'{clip_id}': scores {scores.shape} do not fit labels {labels.shape}")
    scores, labels = scores[: end - start], labels[: end - start]
    if not np.isfinite(scores).all():
        raise ValueError(f"'{clip_id}', frames {start} to {end}: the model gave NaN or infinite scores")
    sequence = tuple(int(value) for value in data_sample['sequence'])
    return WindowScores(clip_id, start, sequence, int(data_sample['num_windows']), scores, labels)


class SequenceCollector:
    """Merges windows into whole sequences, each as soon as its last window has come.

    Args:
        blending: See :class:`WindowMerger`.
    """

    def __init__(self, blending: str = 'mean') -> None:
        self.blending = blending
        self._open: dict[str, tuple[WindowMerger, np.ndarray, int]] = {}

    def add(self, window: WindowScores) -> SequenceScores | None:
        """Take in a window; the sequence if this completes it."""
        first, last = window.sequence
        if window.clip_id not in self._open:
            merger = WindowMerger(window.scores.shape[1], self.blending, first)
            labels = np.zeros((last - first, window.labels.shape[1]), bool)
            self._open[window.clip_id] = (merger, labels, 0)
        merger, labels, count = self._open[window.clip_id]
        merger.add(window.start, window.scores)
        labels[window.start - first : window.start - first + len(window.labels)] = window.labels
        self._open[window.clip_id] = (merger, labels, count + 1)
        return self._finish(window.clip_id) if count + 1 == window.num_windows else None

    def finish(self) -> list[SequenceScores]:
        """What is left: sequences of which a subset of the windows was evaluated, cut to those."""
        return [self._finish(clip_id) for clip_id in list(self._open)]

    def _finish(self, clip_id: str) -> SequenceScores:
        merger, labels, _ = self._open.pop(clip_id)
        scores = merger.pop()
        return SequenceScores(clip_id, scores, labels[: len(scores)])


@METRICS.register_module()
class SegmentationMetric(BaseMetric):
    """Frame- and segment-level metrics of whole sequences.

    Windows are merged as they come, so memory holds one merged sequence a video. In distributed
    runs windows are collected from all processes first; the numbers are those of one process.

    Args:
        items: Metrics wanted: ``frame_mAP`` (TSU, Charades), ``event_mAP@θ`` at an overlap such as 0.1
            (PKU-MMD), ``frame_accuracy``, ``edit`` (mean over videos) and ``f1@θ``; see
            :mod:`mmactrep.evaluation.functional`.
        blending: How overlapping windows are weighted, see :class:`WindowMerger`.
        segments: Options of ``scores_to_segments``, for the segment-level metrics.
        threshold: Score below which ``frame_accuracy`` takes a frame for empty.
        frame_stride: ``frame_mAP`` ranks every so many frames. Videos of hours need not be ranked frame by
            frame.
        collect_device, prefix, collect_dir: As in MMEngine's ``BaseMetric``; default prefix ``seg``.

    Raises:
        ValueError: If an item or an option is unknown.
    """

    default_prefix = 'seg'

    def __init__(
        self,
        items: Sequence[str] = ('frame_mAP',),
        blending: str = 'mean',
        segments: Mapping | None = None,
        threshold: float = 0.5,
        frame_stride: int = 1,
        collect_device: str = 'cpu',
        prefix: str | None = None,
        collect_dir: str | None = None,
    ) -> None:
        super().__init__(collect_device, prefix, collect_dir)
        self.items = tuple(items)
        unknown = [item for item in self.items if not _is_known(item)]
        if unknown or not self.items:
            raise ValueError(
                f'unknown metrics {unknown}; choose from frame_mAP, frame_accuracy, edit, event_mAP@<IoU>, '
                'f1@<IoU>'
            )
        if frame_stride < 1:
            raise ValueError(f'frame_stride must be at least 1, found {frame_stride}')
        blending_weights(1, blending)
        self.blending = blending
        self.segment_options = dict(segments or {})
        scores_to_segments(np.zeros((1, 1)), **self.segment_options)
        self.threshold = threshold
        self.frame_stride = frame_stride
        self._collector = SequenceCollector(blending)

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Merge the windows of one batch."""
        windows = [read_window(sample) for sample in data_samples]
        if get_world_size() > 1:
            # one result a sample, as MMEngine drops those that the sampler repeated to fill the last batch
            self.results.extend(windows)
            return
        complete = (self._collector.add(window) for window in windows)
        self.results.extend(sequence for sequence in complete if sequence is not None)

    def evaluate(self, size: int) -> dict:
        """Compute the metrics; see ``BaseMetric``."""
        self.results.extend(self._collector.finish())
        return super().evaluate(size)

    def compute_metrics(self, results: list[WindowScores | SequenceScores]) -> dict[str, float]:
        """Compute the items, all in [0, 1]; NaN where no class occurs."""
        collector = SequenceCollector(self.blending)
        sequences = [item for item in results if isinstance(item, SequenceScores)]
        merged = (collector.add(item) for item in results if isinstance(item, WindowScores))
        sequences += [sequence for sequence in merged if sequence is not None]
        sequences += collector.finish()
        return segmentation_metrics(
            sequences, self.items, self.segment_options, self.threshold, self.frame_stride
        )


def segmentation_metrics(
    sequences: Sequence[SequenceScores],
    items: Sequence[str] = ('frame_mAP',),
    segments: Mapping | None = None,
    threshold: float = 0.5,
    frame_stride: int = 1,
) -> dict[str, float]:
    """Metrics of whole sequences; arguments as in :class:`SegmentationMetric`."""
    values = {}
    if 'frame_mAP' in items:
        scores = np.concatenate([sequence.scores[::frame_stride] for sequence in sequences])
        labels = np.concatenate([sequence.labels[::frame_stride] for sequence in sequences])
        values['frame_mAP'] = frame_map(scores, labels)
    if 'frame_accuracy' in items:
        right = sum(count_right_frames(s.scores, s.labels, threshold) for s in sequences)
        values['frame_accuracy'] = right / sum(len(sequence.scores) for sequence in sequences)
    if any('@' in item or item == 'edit' for item in items):
        found = {s.clip_id: scores_to_segments(s.scores, **(segments or {})) for s in sequences}
        true = {s.clip_id: labels_to_segments(s.labels) for s in sequences}
        classes = sequences[0].scores.shape[1]
        for item in items:
            name, _, iou = item.partition('@')
            if name == 'event_mAP':
                values[item] = event_map(found, true, classes, float(iou))
            elif name == 'f1':
                values[item] = segmental_f1(found, true, float(iou))
            elif name == 'edit':
                values[item] = float(np.mean([edit_score(found[clip], true[clip]) for clip in true]))
    return {item: values[item] for item in items}


def _is_known(item: str) -> bool:
    name, at, iou = item.partition('@')
    if not at:
        return name in ('frame_mAP', 'frame_accuracy', 'edit')
    try:
        return name in ('event_mAP', 'f1') and 0 < float(iou) <= 1
    except ValueError:
        return False
