"""Which joints of a skeleton are present: the only place that decides it."""

from __future__ import annotations

import numpy as np


def seen_joints(keypoint: np.ndarray, score: np.ndarray | None = None) -> np.ndarray:
    """Which joints were seen.

    With scores, a joint is missing where its score is 0, negative or NaN; without scores, where all its
    coordinates are 0, as is the convention of the field's tools and data sets. NaN coordinates mark a missing
    joint in both cases. Infinite ones do not: they are an error, which the reader of a file reports.

    Args:
        keypoint: (..., C) coordinates.
        score: (...) confidences.

    Returns:
        (...) bool.
    """
    keypoint = np.asarray(keypoint)
    there = np.any(keypoint != 0, axis=-1) if score is None else np.asarray(score) > 0
    return there & ~np.isnan(keypoint).any(axis=-1)


def joint_scores(keypoint: np.ndarray, score: np.ndarray | None = None) -> np.ndarray:
    """Scores of joints, 0 where one is missing (see :func:`seen_joints`); without scores, 1 elsewhere.

    Args:
        keypoint: (..., C) coordinates.
        score: (...) confidences.

    Returns:
        (...) float32.
    """
    seen = seen_joints(keypoint, score)
    return seen.astype(np.float32) if score is None else np.where(seen, score, 0).astype(np.float32)
