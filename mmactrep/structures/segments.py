"""Segments: from frame scores or labels to (class, start, end, score), and how much segments overlap."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np


class Segment(NamedTuple):
    """An action in a video.

    Args:
        label: Class index.
        start: First frame.
        end: Frame after the last one.
        score: Confidence.
    """

    label: int
    start: int
    end: int
    score: float = 1.0


@dataclass(frozen=True)
class SegmentationResult:
    """The actions of a sequence.

    Args:
        name: Name of the sequence.
        num_frames: Its frames.
        fps: Frames per second; 0 if unknown.
        classes: Names of the classes.
        segments: What was found.
        truths: What is annotated; None without an annotation.
    """

    name: str
    num_frames: int
    fps: float
    classes: Sequence[str]
    segments: Sequence[Segment]
    truths: Sequence[Segment] | None = None

    def __repr__(self) -> str:
        found = f'{len(self.segments)} segments of {len(self.classes)} classes'
        return f'SegmentationResult({self.name!r}: {self.num_frames} frames, {found})'

    def rows(self, segments: Iterable[Segment] | None = None) -> list[dict[str, Any]]:
        """A row for each segment, of :data:`SEGMENT_COLUMNS`; times are seconds, None without a rate."""
        return [
            dict(
                input=self.name,
                start=int(each.start),
                end=int(each.end),
                start_time=each.start / self.fps if self.fps else None,
                end_time=each.end / self.fps if self.fps else None,
                label=self.classes[int(each.label)],
                score=float(each.score),
            )
            for each in (self.segments if segments is None else segments)
        ]

    def to_dict(self) -> dict[str, Any]:
        """Plain containers; ``annotated`` is None without an annotation."""
        return dict(
            input=self.name,
            num_frames=self.num_frames,
            fps=self.fps,
            duration=self.num_frames / self.fps if self.fps else None,
            classes=list(self.classes),
            segments=self.rows(),
            annotated=None if self.truths is None else self.rows(self.truths),
        )


#: Keys of :meth:`SegmentationResult.rows`.
SEGMENT_COLUMNS = ('input', 'start', 'end', 'start_time', 'end_time', 'label', 'score')


def pairwise_bounds(first: Sequence[Segment], second: Sequence[Segment]) -> tuple[np.ndarray, np.ndarray]:
    """Start and end of N and of M segments, (N, 1, 2) and (1, M, 2) float64, to be compared in pairs."""
    bounds = [np.array([(s.start, s.end) for s in part], np.float64) for part in (first, second)]
    return bounds[0].reshape(-1, 1, 2), bounds[1].reshape(1, -1, 2)


def segment_iou(first: Sequence[Segment], second: Sequence[Segment]) -> np.ndarray:
    """Temporal intersection over union of every pair of segments, whatever their classes.

    Args:
        first: N segments.
        second: M segments.

    Returns:
        (N, M) float64.
    """
    a, b = pairwise_bounds(first, second)
    both = np.maximum(np.minimum(a[..., 1], b[..., 1]) - np.maximum(a[..., 0], b[..., 0]), 0)
    return both / np.maximum(a[..., 1] - a[..., 0] + b[..., 1] - b[..., 0] - both, 1e-12)


def runs(mask: np.ndarray) -> np.ndarray:
    """Unbroken runs of True.

    Args:
        mask: (T,) bool.

    Returns:
        (R, 2) start and end of each, end exclusive.
    """
    edges = np.diff(np.concatenate([[0], np.asarray(mask, np.int8), [0]]))
    return np.stack([np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)], axis=1)


def labels_to_segments(labels: np.ndarray) -> list[Segment]:
    """Runs of every class in dense labels (T, K), by start, then class."""
    labels = np.asarray(labels) > 0
    found = [Segment(k, int(a), int(b)) for k in range(labels.shape[1]) for a, b in runs(labels[:, k])]
    return sorted(found, key=lambda segment: (segment.start, segment.label))


def segments_to_labels(segments: Iterable[Sequence], num_frames: int, num_classes: int) -> np.ndarray:
    """Dense labels (T, K) float32 in {0, 1} of segments (class, start, end, ...), clipped to the frames.

    Raises:
        ValueError: If the class of a segment is not one of the K classes.
    """
    labels = np.zeros((num_frames, num_classes), np.float32)
    for label, start, end, *_ in segments:
        if not 0 <= label < num_classes:
            raise ValueError(f'a segment of class {label} does not fit {num_classes} classes')
        labels[max(int(start), 0) : max(int(end), 0), int(label)] = 1
    return labels


def scores_to_segments(
    scores: np.ndarray,
    thresholds: float | Sequence[float] = 0.5,
    smooth: int = 1,
    max_gap: int = 0,
    min_length: int = 1,
    nms_iou: float = 0.5,
) -> list[Segment]:
    """Turn a video's frame scores into segments.

    For each class separately: smooth by a running median, keep the frames that reach the threshold, close
    gaps, drop what is too short. The confidence of a segment is the mean of its frames' unsmoothed scores.
    Several thresholds propose longer and shorter versions of an action, of which non-maximum suppression
    keeps the most confident ones.

    Args:
        scores: (T, K).
        thresholds: One or several.
        smooth: Frames of the running median, odd; 1 does nothing. Ends are extended by their nearest frame.
        max_gap: Gaps of up to this many frames between two segments of a class are closed.
        min_length: Segments of fewer frames are dropped, after gaps have been closed.
        nms_iou: If two segments of a class overlap more than this, the less confident one is dropped; only
            with several thresholds.

    Returns:
        Segments by start, then class, then falling confidence.

    Raises:
        ValueError: If scores are not (T, K) and finite, or an option is out of range.
    """
    scores = np.asarray(scores)
    if scores.ndim != 2 or not np.isfinite(scores).all():
        raise ValueError(f'scores must be (frames, classes) and finite, found shape {scores.shape}')
    from scipy.ndimage import median_filter

    if smooth < 1 or smooth % 2 == 0 or max_gap < 0 or min_length < 1 or not 0 <= nms_iou <= 1:
        raise ValueError(
            'expected smooth odd and at least 1, max_gap at least 0, min_length at least 1, nms_iou in '
            f'[0, 1], found {smooth}, {max_gap}, {min_length}, {nms_iou}'
        )
    thresholds = np.atleast_1d(np.asarray(thresholds, np.float64))
    smoothed = median_filter(scores, (smooth, 1), mode='nearest') if smooth > 1 else scores
    # with cumulative sums, the mean of any segment takes two look-ups
    sums = np.concatenate([np.zeros((1, scores.shape[1])), np.cumsum(scores, axis=0, dtype=np.float64)])
    found = []
    for k in range(scores.shape[1]):
        proposals = []
        for threshold in thresholds:
            for start, end in _close_gaps(runs(smoothed[:, k] >= threshold), max_gap):
                if end - start >= min_length:
                    mean = (sums[end, k] - sums[start, k]) / (end - start)
                    proposals.append(Segment(k, int(start), int(end), float(mean)))
        found += suppress(proposals, nms_iou) if len(thresholds) > 1 else proposals
    return sorted(found, key=lambda segment: (segment.start, segment.label, -segment.score))


def suppress(segments: Sequence[Segment], iou: float) -> list[Segment]:
    """Non-maximum suppression: keep a segment unless a more confident one of its class overlaps it more than
    ``iou``; of equally confident ones the longer stays. Returned by falling confidence."""
    order = sorted(segments, key=lambda s: (-s.score, s.start - s.end, s.start))
    kept: list[Segment] = []
    for segment in order:
        rivals = [other for other in kept if other.label == segment.label]
        if not rivals or segment_iou([segment], rivals).max() <= iou:
            kept.append(segment)
    return kept


def _close_gaps(spans: np.ndarray, max_gap: int) -> np.ndarray:
    if len(spans) < 2:
        return spans
    apart = spans[1:, 0] - spans[:-1, 1] > max_gap
    return np.stack([spans[np.r_[True, apart], 0], spans[np.r_[apart, True], 1]], axis=1)
