"""Frame-level metrics of temporal action segmentation, as functions on arrays (thesis, section 4.5).

Scores and labels of a video are (T, K), one row per frame and one column per class; a frame may show several
actions or none. A class without positive frames has no average precision (NaN) and is skipped in the mean.
"""

from __future__ import annotations

import numpy as np


def check_frame_scores(scores: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Check that frame-level metrics are defined on these scores and labels.

    Args:
        scores: (T, K) floats.
        labels: (T, K) in {0, 1}.

    Returns:
        Scores as they are, labels as bool.

    Raises:
        ValueError: If shapes differ or are empty, a score is NaN or infinite, or a label is neither 0 nor 1.
    """
    scores, labels = np.asarray(scores), np.asarray(labels)
    if scores.ndim != 2 or 0 in scores.shape or scores.shape != labels.shape:
        raise ValueError(
            'scores and labels must share one shape (frames, classes), at least one of each, found '
            f'{scores.shape} and {labels.shape}'
        )
    if not np.isfinite(scores).all():
        frame = int(np.argmin(np.isfinite(scores).all(axis=1)))
        raise ValueError(f'scores are NaN or infinite, first at frame {frame}')
    if not np.isin(labels, (0, 1)).all():
        raise ValueError(f'frame labels must be 0 or 1, found {np.unique(labels)[:5].tolist()}')
    return scores, labels.astype(bool)


def frame_average_precision(scores: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Average precision of every class, with all frames of all test videos ranked together by score.

    It is the mean over the positive frames of the precision among all frames that score at least as high
    (Toyota Smarthome Untrimmed, Charades). Frames of equal score share a rank.

    Args:
        scores: (T, K), the frames of all videos one after the other.
        labels: (T, K) in {0, 1}.

    Returns:
        (K,) float64 in [0, 1], NaN for a class without positive frames.
    """
    from sklearn.metrics import average_precision_score

    scores, labels = check_frame_scores(scores, labels)
    precision = np.full(scores.shape[1], np.nan)
    for k in np.flatnonzero(labels.any(axis=0)):
        precision[k] = average_precision_score(labels[:, k], scores[:, k])
    return precision


def frame_map(scores: np.ndarray, labels: np.ndarray) -> float:
    """Frame-level mAP: mean of :func:`frame_average_precision` over classes that occur; NaN if none does."""
    precision = frame_average_precision(scores, labels)
    return float(np.nanmean(precision)) if np.isfinite(precision).any() else float('nan')


def frame_accuracy(scores: np.ndarray, labels: np.ndarray, threshold: float | None = 0.5) -> float:
    """Share of frames whose best class is correct.

    The prediction for a frame is the class of the highest score, or none if that score is below the
    threshold. It is correct if it is one of the frame's classes, or none for a frame without classes. With
    one class per frame this is the frame-wise accuracy of temporal segmentation.

    Args:
        scores: (T, K).
        labels: (T, K) in {0, 1}.
        threshold: Score below which no action is predicted; None predicts one in every frame.
    """
    return count_right_frames(scores, labels, threshold) / len(scores)


def count_right_frames(scores: np.ndarray, labels: np.ndarray, threshold: float | None = 0.5) -> int:
    """Number of frames that :func:`frame_accuracy` counts as correct; counts of several videos add up."""
    scores, labels = check_frame_scores(scores, labels)
    best = scores.argmax(axis=1)
    right = labels[np.arange(len(best)), best]
    if threshold is not None:
        none = scores.max(axis=1) < threshold
        right = np.where(none, ~labels.any(axis=1), right)
    return int(np.count_nonzero(right))
