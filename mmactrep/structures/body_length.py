"""Body lengths by which errors and distances are normalized."""

from __future__ import annotations

from functools import cache

import numpy as np

from mmactrep.structures import JointMapping, SkeletonLayout

#: The two joints whose distance each normalizer is; 'box' is the diagonal of the box around the joints.
_JOINTS = dict(head_neck=('head', 'neck'), shoulders=('left_shoulder', 'right_shoulder'), box=())
NORMALIZERS = tuple(_JOINTS)


def body_length(
    keypoint: np.ndarray, score: np.ndarray, layout: SkeletonLayout, normalizer: str = 'head_neck'
) -> np.ndarray:
    """Length of every body, D_normal of Eq. 3.4 and the head length of PCKh.

    Args:
        keypoint: (..., V, C) coordinates.
        score: (..., V) confidences, 0 where a joint is missing.
        layout: Layout of the joints. One without a head or neck has them derived, see
            :meth:`~mmactrep.structures.SkeletonLayout.mapping_to`: coco17's head is the mean of the ears
            or, without them, the nose, its neck the mean of the shoulders.
        normalizer: 'head_neck' (distance from head to neck), 'shoulders' (distance between them) or 'box'
            (diagonal of the box around the joints seen).

    Returns:
        (...) float64 in the unit of the coordinates; NaN where a joint that it needs is missing.

    Raises:
        ValueError: If there is no such normalizer, or its joints cannot be derived from the layout.
    """
    ends = _ends(layout, check_normalizer(normalizer))
    if ends is None:
        return _diagonal(keypoint, np.asarray(score) > 0)
    keypoint, score = ends(np.asarray(keypoint, np.float64), np.asarray(score))
    # sqrt of the sum: linalg.norm is several times slower over an axis of two
    length = np.sqrt(((keypoint[..., 0, :] - keypoint[..., 1, :]) ** 2).sum(axis=-1))
    return np.where((score > 0).all(axis=-1), length, np.nan)


def check_normalizer(normalizer: str) -> str:
    """Check that a normalizer is one of :data:`NORMALIZERS`, and return it.

    Raises:
        ValueError: If it is not; the message lists the known ones.
    """
    if normalizer not in NORMALIZERS:
        raise ValueError(f"unknown normalizer '{normalizer}'; there are {', '.join(NORMALIZERS)}")
    return normalizer


@cache
def _ends(layout: SkeletonLayout, normalizer: str) -> JointMapping | None:
    """Mapping to the two joints of a normalizer, None for the box."""
    joints = _JOINTS[normalizer]
    if not joints:
        return None
    return layout.mapping_to(SkeletonLayout(normalizer, joints, {joints[0]: joints[1]}))


def _diagonal(keypoint: np.ndarray, seen: np.ndarray) -> np.ndarray:
    seen = seen[..., None]
    low = np.where(seen, keypoint, np.inf).min(axis=-2)
    high = np.where(seen, keypoint, -np.inf).max(axis=-2)
    some = seen.any(axis=(-2, -1))
    span = np.where(some[..., None], high, 0) - np.where(some[..., None], low, 0)
    return np.where(some, np.sqrt((span.astype(np.float64) ** 2).sum(axis=-1)), np.nan)
