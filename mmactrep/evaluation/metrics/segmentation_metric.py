"""Metrics of temporal action segmentation over windows that are merged online."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from mmengine.dist import get_world_size
from mmengine.evaluator import BaseMetric

from mmactrep.evaluation.functional.pku_mmd import (
    pku_2d_average_precision,
    pku_f1,
    pku_mean_average_precision,
    pku_video_map,
)
from mmactrep.evaluation.functional.segmentation import count_right_frames, frame_map
from mmactrep.evaluation.functional.segmentation_events import edit_score, event_map, segmental_f1
from mmactrep.evaluation.functional.window_merger import blending_weights
from mmactrep.registry import METRICS
from mmactrep.structures.segments import labels_to_segments, scores_to_segments

from .scored_sequences import ScoredSequence, ScoredWindow, SequenceCollector, read_window


@METRICS.register_module()
class SegmentationMetric(BaseMetric):
    """Frame- and segment-level metrics of whole sequences.

    Windows are merged online, so memory holds one merged sequence per video. Distributed runs collect the
    windows of all processes first; the numbers are those of one process.

    Args:
        items: Metrics to compute; θ is an overlap such as 0.1; see :mod:`mmactrep.evaluation.functional`:

            - ``frame_mAP`` (TSU, Charades), ``frame_accuracy``, ``edit`` (mean over videos), ``f1@θ``
              (MS-TCN);
            - PKU-MMD's own protocol: ``pku_mAP@θ`` over actions, the mean over all classes (if some do not
              occur in the truths, ``pku_mAP_occurring@θ`` adds the mean over the others),
              ``pku_video_mAP@θ``, ``pku_f1@θ`` and ``pku_2D-AP``;
            - ``event_mAP_one_to_one@θ``, interpolated average precision with one detection per truth, over
              the classes that occur. It is higher than PKU-MMD's own figures.
        blending: How overlapping windows are weighted, see :class:`WindowMerger`.
        segments: Options of ``scores_to_segments``, for the segment-level metrics.
        threshold: Score below which ``frame_accuracy`` predicts no action.
        frame_stride: ``frame_mAP`` ranks only every ``frame_stride``-th frame, for very long videos.
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
        check_items(self.items)
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
            # one result per sample: MMEngine drops those that the sampler repeated to fill the last batch
            self.results.extend(windows)
            return
        complete = (self._collector.add(window) for window in windows)
        self.results.extend(sequence for sequence in complete if sequence is not None)

    def evaluate(self, size: int) -> dict:
        """Compute the metrics; see ``BaseMetric``."""
        self.results.extend(self._collector.finish())
        return super().evaluate(size)

    def compute_metrics(self, results: list[ScoredWindow | ScoredSequence]) -> dict[str, float]:
        """Compute the items, all in [0, 1]; NaN if no class occurs."""
        collector = SequenceCollector(self.blending)
        sequences = [item for item in results if isinstance(item, ScoredSequence)]
        merged = (collector.add(item) for item in results if isinstance(item, ScoredWindow))
        sequences += [sequence for sequence in merged if sequence is not None]
        sequences += collector.finish()
        return segmentation_metrics(
            sequences, self.items, self.segment_options, self.threshold, self.frame_stride
        )


def segmentation_metrics(
    sequences: Sequence[ScoredSequence],
    items: Sequence[str] = ('frame_mAP',),
    segments: Mapping | None = None,
    threshold: float = 0.5,
    frame_stride: int = 1,
) -> dict[str, float]:
    """Metrics of whole sequences; arguments as in :class:`SegmentationMetric`."""
    # in the order of the items
    values = dict.fromkeys(items, float('nan'))
    if 'frame_mAP' in items:
        scores = np.concatenate([sequence.scores[::frame_stride] for sequence in sequences])
        labels = np.concatenate([sequence.labels[::frame_stride] for sequence in sequences])
        values['frame_mAP'] = frame_map(scores, labels)
    if 'frame_accuracy' in items:
        right = sum(count_right_frames(s.scores, s.labels, threshold) for s in sequences)
        values['frame_accuracy'] = right / sum(len(sequence.scores) for sequence in sequences)
    segment_items = [item for item in items if item not in FRAME_ITEMS]
    if segment_items:
        found = {s.clip_id: scores_to_segments(s.scores, **(segments or {})) for s in sequences}
        runs = {s.clip_id: labels_to_segments(s.labels) for s in sequences}
        true = {s.clip_id: s.segments for s in sequences}
        classes = sequences[0].scores.shape[1]
        for item in segment_items:
            name, _, iou = item.partition('@')
            if name == 'edit':
                values[item] = float(np.mean([edit_score(found[clip], runs[clip]) for clip in runs]))
            elif name == 'f1':  # against runs of frame labels, as MS-TCN does
                values[item] = segmental_f1(found, runs, float(iou))
            elif name == 'pku_2D-AP':
                values[item] = pku_2d_average_precision(found, true, classes)
            elif name == 'pku_mAP':
                values[item], occurring = pku_mean_average_precision(found, true, classes, float(iou))
                if len({s.label for own in true.values() for s in own}) < classes:
                    values[f'pku_mAP_occurring@{iou}'] = occurring
            else:
                values[item] = _EVENT_MEASURES[name](found, true, classes, float(iou))
    return values


FRAME_ITEMS = ('frame_mAP', 'frame_accuracy')
_EVENT_MEASURES: dict[str, Callable[..., float]] = {
    'pku_video_mAP': pku_video_map,
    'pku_f1': pku_f1,
    'event_mAP_one_to_one': event_map,
}
_ITEMS = (*FRAME_ITEMS, 'edit', 'pku_2D-AP')
_ITEMS_AT_AN_OVERLAP = ('f1', 'pku_mAP', *_EVENT_MEASURES)


def check_items(items: Sequence[str]) -> None:
    """Check the items of :class:`SegmentationMetric`.

    Raises:
        ValueError: If one is unknown, or there are none; the message names those that exist.
    """
    unknown = [item for item in items if not _is_known(item)]
    if unknown or not items:
        there_are = ', '.join([*_ITEMS, *(f'{name}@<IoU>' for name in _ITEMS_AT_AN_OVERLAP)])
        hint = ''
        if any(str(item).startswith('event_mAP@') for item in unknown):
            hint = " (pku_mAP is PKU-MMD's own protocol, event_mAP_one_to_one what event_mAP was)"
        raise ValueError(f'unknown metrics {unknown}; choose from {there_are}{hint}')


def _is_known(item: str) -> bool:
    name, at, iou = item.partition('@')
    if not at:
        return name in _ITEMS
    try:
        return name in _ITEMS_AT_AN_OVERLAP and 0 < float(iou) <= 1
    except ValueError:
        return False
