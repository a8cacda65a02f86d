"""PKU-MMD's own evaluation of detected actions, which published figures follow.

It differs from the usual average precision (``event_average_precision`` of :mod:`.segmentation_events`) in
two ways. Every detection is assigned to the truth that it overlaps most, regardless of rank and of other
detections; a truth found by several of them is one positive. And the area under the curve is summed while
detections are removed one by one, the least confident first, using the best precision reached so far.

Detections and truths are mappings from a video's id to its segments.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mmactrep.structures.segments import Segment, pairwise_bounds

from .segmentation_events import check_iou, check_segments

Segments = Mapping[str, Sequence[Segment]]

#: Overlaps whose average precision 2D-AP averages.
THRESHOLDS_2D = tuple(np.arange(1, 21) * 0.05)


@dataclass(frozen=True, eq=False)
class Events:
    """The detections of all videos and the truth that each overlaps most.

    Args:
        video: (N,) number of the video of each detection.
        label: (N,) class.
        score: (N,) confidence.
        truth: (N,) the truth of its video and class that it overlaps most (the last of ties); -1 if its video
            has no truth of its class.
        overlap: (N,) the overlap with that truth.
        truth_video: (G,) number of the video of each truth.
        truth_label: (G,) class.
        num_videos: Number of videos, including those without detections or truths.
    """

    video: np.ndarray
    label: np.ndarray
    score: np.ndarray
    truth: np.ndarray
    overlap: np.ndarray
    truth_video: np.ndarray
    truth_label: np.ndarray
    num_videos: int

    def found(self, iou: float, chosen: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Scores (n,) of detections and the truth (n,) that each finds at an overlap, -1 for none.

        Args:
            iou: Least overlap.
            chosen: (N,) bool, which detections. Default: all.
        """
        chosen = np.ones(len(self.score), bool) if chosen is None else chosen
        truth = np.where(self.overlap >= iou, self.truth, -1)
        return self.score[chosen], truth[chosen]


def hull_overlap(first: Sequence[Segment], second: Sequence[Segment]) -> np.ndarray:
    """Pairwise overlap of segments: their intersection over the span from the first start to the last end.

    It is negative for segments that do not touch: minus the gap over the span.

    Args:
        first: N segments.
        second: M segments.

    Returns:
        (N, M) float64.
    """
    a, b = pairwise_bounds(first, second)
    both = np.minimum(a[..., 1], b[..., 1]) - np.maximum(a[..., 0], b[..., 0])
    return both / (np.maximum(a[..., 1], b[..., 1]) - np.minimum(a[..., 0], b[..., 0]))


def match_events(detections: Segments, truths: Segments) -> Events:
    """Assign every detection to the truth of its class and video that it overlaps most.

    Videos are processed in the order of their ids, so that the order of the input does not break ties of
    confidence.
    """
    videos = sorted({*detections, *truths})
    columns: dict[str, list] = {name: [] for name in ('video', 'label', 'score', 'truth', 'overlap')}
    truth_video: list[int] = []
    truth_label: list[int] = []
    for number, video in enumerate(videos):
        own, wanted = list(detections.get(video, ())), list(truths.get(video, ()))
        overlap = hull_overlap(own, wanted)
        same = np.array([s.label for s in own])[:, None] == np.array([t.label for t in wanted])[None]
        overlap = np.where(same, overlap, -np.inf).reshape(len(own), len(wanted))
        best, most = np.full(len(own), -1), np.full(len(own), -np.inf)
        if wanted:
            # the last of ties: the first from the end
            best = len(wanted) - 1 - overlap[:, ::-1].argmax(axis=1)
            most = overlap[np.arange(len(own)), best]
        columns['video'] += [number] * len(own)
        columns['label'] += [s.label for s in own]
        columns['score'] += [s.score for s in own]
        columns['truth'] += np.where(most > -np.inf, best + len(truth_video), -1).tolist()
        columns['overlap'] += most.tolist()
        truth_video += [number] * len(wanted)
        truth_label += [t.label for t in wanted]
    arrays = {name: np.array(values, np.float64) for name, values in columns.items()}
    whole = {name: arrays[name].astype(np.int64) for name in ('video', 'label', 'truth')}
    return Events(
        **(arrays | whole),
        truth_video=np.array(truth_video, np.int64),
        truth_label=np.array(truth_label, np.int64),
        num_videos=len(videos),
    )


def walk_average_precision(score: np.ndarray, truth: np.ndarray, num_truths: int) -> float:
    """Average precision by removing detections one by one, the least confident first.

    Positives are the truths that at least one detection finds. Removing a detection that finds a truth gives
    a point of the curve: precision (positives over remaining detections, 0 if there are none) and recall
    (positives over truths). Each drop in recall is weighted by the highest precision so far, that of all
    detections included.

    Args:
        score: (N,) confidences; ties are removed in the order given.
        truth: (N,) number of the truth that each detection finds, -1 for none.
        num_truths: Number of ground-truth segments.

    Returns:
        In [0, 1]; 0 without truths or detections.
    """
    if not len(score) or not num_truths:
        return 0.0
    truth = np.asarray(truth)[np.argsort(score, kind='stable')]
    finds = np.flatnonzero(truth >= 0)
    # A positive is lost with the last of the detections that find it.
    _, from_the_end = np.unique(truth[finds][::-1], return_index=True)
    loses = np.zeros(len(finds), bool)
    loses[len(finds) - 1 - from_the_end] = True
    positives = loses.sum()
    left = len(truth) - 1 - finds
    precision = (positives - np.cumsum(loses)) / np.maximum(left, 1)
    best = np.maximum.accumulate(np.concatenate([[positives / len(truth)], precision]))[1:]
    return float(best[loses].sum() / num_truths)


def pku_action_average_precision(
    detections: Segments, truths: Segments, num_classes: int, iou: float = 0.5
) -> np.ndarray:
    """Average precision of every class over all videos.

    Args:
        detections: Segments by video.
        truths: Segments by video.
        num_classes: K.
        iou: Least overlap (theta), in (0, 1].

    Returns:
        (K,) float64, 0 for a class without truths or detections.

    Raises:
        ValueError: If ``iou`` is out of range, or a segment has no valid class or length.
    """
    events = _checked_events(detections, truths, num_classes, iou)
    return np.array(
        [
            walk_average_precision(*events.found(iou, events.label == k), (events.truth_label == k).sum())
            for k in range(num_classes)
        ]
    )


def pku_mean_average_precision(
    detections: Segments, truths: Segments, num_classes: int, iou: float = 0.5
) -> tuple[float, float]:
    """mAP over actions: the mean over all K classes, and the mean over those that occur in the truths.

    The first is PKU-MMD's own, over its 51 classes. The second is useful if not all of them occur; it is NaN
    if none does. Arguments as in :func:`pku_action_average_precision`.
    """
    precision = pku_action_average_precision(detections, truths, num_classes, iou)
    occur = np.unique([s.label for segments in truths.values() for s in segments]).astype(np.int64)
    return float(precision.mean()), float(precision[occur].mean()) if len(occur) else float('nan')


def pku_video_map(detections: Segments, truths: Segments, num_classes: int, iou: float = 0.5) -> float:
    """mAP over videos: the mean over videos of the average precision of all classes together.

    NaN without videos. Arguments as in :func:`pku_action_average_precision`.
    """
    events = _checked_events(detections, truths, num_classes, iou)
    values = [
        walk_average_precision(*events.found(iou, events.video == v), (events.truth_video == v).sum())
        for v in range(events.num_videos)
    ]
    return float(np.mean(values)) if values else float('nan')


def pku_f1(detections: Segments, truths: Segments, num_classes: int, iou: float = 0.5) -> float:
    """F1 of all detections together: precision is positives over detections, recall positives over truths.

    Arguments as in :func:`pku_action_average_precision`; 0 if nothing is found.
    """
    events = _checked_events(detections, truths, num_classes, iou)
    _, truth = events.found(iou)
    positives = len(np.unique(truth[truth >= 0]))
    total = len(truth) + len(events.truth_video)
    # 2 P R / (P + R) with P = positives / detections and R = positives / truths
    return 2 * positives / total if total else 0.0


def pku_2d_average_precision(detections: Segments, truths: Segments, num_classes: int) -> float:
    """2D-AP: the average precision of all detections together, averaged over overlaps 0.05, 0.10, ..., 1.00.

    Arguments as in :func:`pku_action_average_precision`.
    """
    events = _checked_events(detections, truths, num_classes, 1.0)
    count = len(events.truth_video)
    return float(np.mean([walk_average_precision(*events.found(iou), count) for iou in THRESHOLDS_2D]))


def _checked_events(detections: Segments, truths: Segments, num_classes: int, iou: float) -> Events:
    check_iou(iou)
    check_segments(detections, num_classes, 'detection')
    check_segments(truths, num_classes, 'truth')
    return match_events(detections, truths)
