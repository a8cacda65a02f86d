"""SST-A as the authors' script computes it, for comparison with the poses that they released.

It differs from Eq. 3.1 to 3.4 and from :func:`~mmactrep.pose.aggregation.sst_a.aggregate`, which should
normally be used.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mmactrep.structures import get_layout, joint_scores
from mmactrep.structures.body_length import body_length

from .joint_selection import closest, follow
from .sst_a import AggregatedPoses

#: The script's default γ.
STRICT_THRESHOLD = 0.06
_EPSILON = 1e-8
# The expert whose joint the script keeps of each pair, in the order in which it breaks ties.
_KEPT_OF_PAIR = (((0, 1), 1), ((1, 2), 1), ((0, 2), 2))


def aggregate_strict(proposals: Sequence[np.ndarray], threshold: float = STRICT_THRESHOLD) -> AggregatedPoses:
    """Aggregate as the authors' script does, frame by frame.

    - A missing joint is a proposal at (0, 0) like any other.
    - In the first frame, the second expert's joint is kept if the closest pair is (1, 2) or (2, 3), the
      third's if it is (1, 3).
    - C is computed over the 12 joints below the head and normalized by the distance between the shoulders,
      with ε = 1e-8. A frame below the threshold keeps its pose and gets C = 0.
    - Shorter proposals are padded with zeros. The last frame stays zero, with C = 0.

    Args:
        proposals: Three experts' poses (T_k, 17, 2), joints of coco17, 0 where missing.
        threshold: γ.

    Returns:
        T = max T_k frames, float64. ``score`` is 1 where the pose is not (0, 0), ``kept`` is C > 0,
        ``votes`` counts the experts that saw any joint; ``chosen`` is -1 only in the last frame.

    Raises:
        ValueError: If there are not three experts, or a shape or a coordinate is wrong.
    """
    layout = get_layout('coco17')
    points, seen = _stack(proposals, layout.num_joints)
    frames = points.shape[2]
    pose = np.zeros((frames, layout.num_joints, 2))
    chosen = np.full((frames, layout.num_joints), -1, np.int64)
    confidence = np.zeros(frames)
    if frames > 1:
        chosen[:-1] = _choose(points[:, :, :-1])
        pose[:-1] = np.moveaxis(
            np.take_along_axis(points[:, :, :-1], chosen[None, None, :-1], axis=1)[:, 0], 0, -1
        )
        confidence[:-1] = _confidence(points[:, :, :-1], pose[:-1], threshold)
    return AggregatedPoses(
        keypoint=pose,
        score=joint_scores(pose),
        chosen=chosen,
        confidence=confidence.astype(np.float32),
        kept=confidence > 0,
        votes=seen,
    )


def _choose(points: np.ndarray) -> np.ndarray:
    """Indices (T, V) of the experts that the script chooses, from poses (2, 3, T, V)."""
    best, first = np.inf, 0
    for (a, b), kept in _KEPT_OF_PAIR:
        distance = ((points[:, a, 0] - points[:, b, 0]) ** 2).sum(axis=0)
        first = np.where(distance < best, kept, first)
        best = np.minimum(best, distance)
    if points.shape[2] == 1:
        return first[None]
    shape = (*points.shape[:2], -1)
    table = closest(points[:, :, 1:].reshape(shape), points[:, :, :-1].reshape(shape))
    return follow(table.reshape(points.shape[1], -1, points.shape[3]), first)


def _confidence(points: np.ndarray, pose: np.ndarray, threshold: float) -> np.ndarray:
    layout = get_layout('coco17')
    body = slice(layout.index('left_shoulder'), None)  # the face comes before it
    difference = np.moveaxis(points, 0, -1) - pose
    error = np.sqrt((difference**2).sum(axis=-1))[..., body].mean(axis=(0, 2))
    confidence = np.exp(-error / (body_length(pose, np.ones(pose.shape[:2]), layout, 'shoulders') + _EPSILON))
    return np.where(confidence < threshold, 0, confidence)


def _stack(proposals: Sequence[np.ndarray], joints: int) -> tuple[np.ndarray, np.ndarray]:
    """Proposals as (2, 3, T, V) float64, padded, and the number of experts that saw anything (T,)."""
    if len(proposals) != 3:
        raise ValueError(f'the script aggregates three experts, found {len(proposals)}')
    proposals = [np.asarray(expert, np.float64) for expert in proposals]
    for number, expert in enumerate(proposals):
        if expert.ndim != 3 or expert.shape[1:] != (joints, 2):
            raise ValueError(f'expert {number}: expected poses (T, {joints}, 2), found {expert.shape}')
        if not np.isfinite(expert).all():
            raise ValueError(f'expert {number}: coordinates must be finite')
    points = np.zeros((2, 3, max(map(len, proposals)), joints))
    for number, expert in enumerate(proposals):
        points[:, number, : len(expert)] = np.moveaxis(expert, -1, 0)
    return points, (points != 0).any(axis=(0, 3)).sum(axis=0)
