"""Segment-level metrics of temporal action segmentation: event mAP, F1 at an overlap, edit score.

Detections and truths are mappings from a video's id to its segments. Videos that only one of them names have
no segments in the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from mmactrep.structures.segments import Segment, segment_iou

Segments = Mapping[str, Sequence[Segment]]


def match_segments(detections: Sequence[Segment], truths: Sequence[Segment], iou: float) -> np.ndarray:
    """Which detections of one video are right.

    In the order given, each takes the free truth of its class that it overlaps most, if by ``iou`` or more.

    Args:
        detections: N segments, the one to be served first at the front.
        truths: Segments of the ground truth.
        iou: Overlap wanted, in (0, 1].

    Returns:
        (N,) bool.
    """
    overlap = segment_iou(detections, truths)
    same = np.array([[d.label == t.label for t in truths] for d in detections], bool).reshape(overlap.shape)
    overlap = np.where(same, overlap, -1.0)
    right = np.zeros(len(detections), bool)
    for i in range(len(detections)):
        if len(truths) and overlap[i].max() >= iou:
            right[i] = True
            overlap[:, overlap[i].argmax()] = -1.0
    return right


def interpolated_average_precision(right: np.ndarray, num_truths: int) -> float:
    """Area under the interpolated precision-recall curve.

    Args:
        right: (N,) bool, the detections by falling confidence.
        num_truths: Segments of the ground truth, at least 1.

    Returns:
        The mean over all truths of the best precision at their recall or beyond (0 for those not found).
    """
    right = np.asarray(right, bool)
    precision = np.cumsum(right) / np.arange(1, len(right) + 1)
    best = np.maximum.accumulate(precision[::-1])[::-1]
    return float(best[right].sum() / num_truths)


def event_average_precision(
    detections: Segments, truths: Segments, num_classes: int, iou: float = 0.5
) -> np.ndarray:
    """Average precision of every class at an overlap (PKU-MMD).

    Segments of one class from all videos are ranked by confidence and matched with the truths of the same
    class and video at ``iou`` or more; every truth counts one detection as right.

    Args:
        detections: Segments by video.
        truths: Segments by video.
        num_classes: K.
        iou: Overlap wanted, in (0, 1].

    Returns:
        (K,) float64, NaN for a class without a truth.

    Raises:
        ValueError: If ``iou`` is out of range, or a segment has no valid class or length.
    """
    _check_iou(iou)
    _check_segments(detections, num_classes, 'detection')
    _check_segments(truths, num_classes, 'truth')
    result = np.full(num_classes, np.nan)
    for k in range(num_classes):
        wanted = {video: [s for s in segments if s.label == k] for video, segments in truths.items()}
        num_truths = sum(map(len, wanted.values()))
        if not num_truths:
            continue
        scores, right = [], []
        for video, segments in detections.items():
            own = sorted((s for s in segments if s.label == k), key=lambda s: -s.score)
            scores += [s.score for s in own]
            right += match_segments(own, wanted.get(video, ()), iou).tolist()
        # Within a video the order stays; of equal scores in two videos the first video's comes first.
        order = np.argsort(-np.asarray(scores, np.float64), kind='stable')
        result[k] = interpolated_average_precision(np.asarray(right, bool)[order], num_truths)
    return result


def event_map(detections: Segments, truths: Segments, num_classes: int, iou: float = 0.5) -> float:
    """Event-level mAP: mean of :func:`event_average_precision` over the classes that occur; NaN without
    any.
    """
    precision = event_average_precision(detections, truths, num_classes, iou)
    return float(np.nanmean(precision)) if np.isfinite(precision).any() else float('nan')


def segmental_f1(detections: Segments, truths: Segments, iou: float = 0.5) -> float:
    """F1@iou: segments matched as above, right and wrong ones counted over all videos.

    Every detection counts, whatever its confidence; those of a video are served by their start. 0 where
    there is neither a detection nor a truth.
    """
    _check_iou(iou)
    right = detected = 0
    for video, segments in detections.items():
        ordered = sorted(segments, key=lambda s: (s.start, s.end))
        right += int(match_segments(ordered, truths.get(video, ()), iou).sum())
        detected += len(ordered)
    total = detected + sum(map(len, truths.values()))
    return 2 * right / total if total else 0.0


def edit_score(detections: Sequence[Segment], truths: Sequence[Segment]) -> float:
    """How well the order of actions in one video is found, whenever they happen.

    1 minus the Levenshtein distance between the two sequences of classes (by start, then class), divided by
    the longer one's length; 1 where both are empty.
    """
    first, second = (
        [s.label for s in sorted(segments, key=lambda s: (s.start, s.label))]
        for segments in (detections, truths)
    )
    longest = max(len(first), len(second))
    return 1 - levenshtein(first, second) / longest if longest else 1.0


def levenshtein(first: Sequence[int], second: Sequence[int]) -> int:
    """Fewest insertions, deletions and replacements that turn one sequence into the other."""
    second = np.asarray(second)
    steps = np.arange(len(second) + 1)
    row = steps
    for i, item in enumerate(first, start=1):
        # the minimum over runs of insertions is a running minimum once the steps are taken off
        best = np.minimum(row[1:] + 1, row[:-1] + (second != item))
        row = np.minimum.accumulate(np.concatenate([[i], best]) - steps) + steps
    return int(row[-1])


def _check_iou(iou: float) -> None:
    if not 0 < iou <= 1:
        raise ValueError(f'iou must lie in (0, 1], found {iou}')


def _check_segments(videos: Segments, num_classes: int, what: str) -> None:
    for video, segments in videos.items():
        for segment in segments:
            if not 0 <= segment.label < num_classes or segment.end <= segment.start:
                raise ValueError(
                    f"video '{video}': {what} {tuple(segment)} is empty or does not fit {num_classes} classes"
                )
