"""Segment-level metrics of temporal action segmentation: event mAP, F1 at an overlap, edit score.

Event mAP matches at most one detection to each truth, as in object detection. PKU-MMD's own protocol is in
:mod:`.pku_mmd`.

Detections and truths are mappings from a video's id to its segments. A video that only one of them names has
no segments in the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from mmactrep.structures.segments import Segment, segment_iou

Segments = Mapping[str, Sequence[Segment]]


def match_segments(
    detections: Sequence[Segment], truths: Sequence[Segment], iou: float, next_best: bool = False
) -> np.ndarray:
    """Which detections of one video are correct; each truth matches at most one detection.

    In the order given, each detection is matched to the truth of its class that it overlaps most (the first
    of ties). It is correct if they overlap by at least ``iou`` and the truth is not yet taken.

    Args:
        detections: N segments, in the order of matching.
        truths: Ground-truth segments.
        iou: Least overlap, in (0, 1].
        next_best: Match a detection to the best truth that is not yet taken.

    Returns:
        (N,) bool.
    """
    overlap = segment_iou(detections, truths)
    same = np.array([[d.label == t.label for t in truths] for d in detections], bool).reshape(overlap.shape)
    overlap = np.where(same, overlap, -1.0)
    right = np.zeros(len(detections), bool)
    free = np.ones(len(truths), bool)
    for i in range(len(detections)):
        rivals = np.where(free, overlap[i], -1.0) if next_best else overlap[i]
        if len(truths) and rivals.max() >= iou:
            best = rivals.argmax()
            right[i] = free[best]
            free[best] = False
    return right


def interpolated_average_precision(right: np.ndarray, num_truths: int) -> float:
    """Area under the interpolated precision-recall curve.

    Args:
        right: (N,) bool, whether each detection is correct, by descending confidence.
        num_truths: Number of ground-truth segments, at least 1.

    Returns:
        The mean over all truths of the best precision at their recall or above (0 for truths not found).
    """
    right = np.asarray(right, bool)
    precision = np.cumsum(right) / np.arange(1, len(right) + 1)
    best = np.maximum.accumulate(precision[::-1])[::-1]
    return float(best[right].sum() / num_truths)


def event_average_precision(
    detections: Segments, truths: Segments, num_classes: int, iou: float = 0.5
) -> np.ndarray:
    """Average precision of every class at an overlap, one detection per truth.

    Detections of one class from all videos are ranked by confidence. In that order, each takes the free truth
    of its class and video that it overlaps most, if by at least ``iou``.

    Args:
        detections: Segments by video.
        truths: Segments by video.
        num_classes: K.
        iou: Least overlap, in (0, 1].

    Returns:
        (K,) float64, NaN for a class without truths.

    Raises:
        ValueError: If ``iou`` is out of range, or a segment has no valid class or length.
    """
    check_iou(iou)
    check_segments(detections, num_classes, 'detection')
    check_segments(truths, num_classes, 'truth')
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
            right += match_segments(own, wanted.get(video, ()), iou, next_best=True).tolist()
        # A stable sort keeps the order within a video; ties between videos go to the first video.
        order = np.argsort(-np.asarray(scores, np.float64), kind='stable')
        result[k] = interpolated_average_precision(np.asarray(right, bool)[order], num_truths)
    return result


def event_map(detections: Segments, truths: Segments, num_classes: int, iou: float = 0.5) -> float:
    """Event-level mAP: mean of :func:`event_average_precision` over classes that occur; NaN if none does."""
    precision = event_average_precision(detections, truths, num_classes, iou)
    return float(np.nanmean(precision)) if np.isfinite(precision).any() else float('nan')


def segmental_f1(detections: Segments, truths: Segments, iou: float = 0.5) -> float:
    """F1@iou of MS-TCN: correct and wrong detections counted over all videos.

    Every detection counts, whatever its confidence; those of a video are matched in the order of their start.
    A detection whose best truth is taken is wrong, even if it overlaps another one enough. 0 if there are
    neither detections nor truths.
    """
    check_iou(iou)
    right = detected = 0
    for video, segments in detections.items():
        ordered = sorted(segments, key=lambda s: (s.start, s.end))
        right += int(match_segments(ordered, truths.get(video, ()), iou).sum())
        detected += len(ordered)
    total = detected + sum(map(len, truths.values()))
    return 2 * right / total if total else 0.0


def edit_score(detections: Sequence[Segment], truths: Sequence[Segment]) -> float:
    """How well the order of actions in one video is found, regardless of their times.

    1 minus the Levenshtein distance between the two sequences of classes (by start, then class) over the
    length of the longer one; 1 if both are empty.
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
        # without the steps, the minimum over runs of insertions is a running minimum
        best = np.minimum(row[1:] + 1, row[:-1] + (second != item))
        row = np.minimum.accumulate(np.concatenate([[i], best]) - steps) + steps
    return int(row[-1])


def check_iou(iou: float) -> None:
    """Raise ``ValueError`` if an overlap is outside (0, 1]."""
    if not 0 < iou <= 1:
        raise ValueError(f'iou must lie in (0, 1], found {iou}')


def check_segments(videos: Segments, num_classes: int, what: str) -> None:
    """Raise ``ValueError`` for a segment that is empty, reversed, of no class, or of no finite confidence."""
    for video, segments in videos.items():
        for segment in segments:
            if not 0 <= segment.label < num_classes or not segment.start < segment.end:
                raise ValueError(
                    f"video '{video}': {what} {tuple(segment)} is empty or does not fit {num_classes} classes"
                )
            if not np.isfinite(segment.score):
                raise ValueError(f"video '{video}': {what} {tuple(segment)} has no finite confidence")
