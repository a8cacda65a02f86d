"""Anchor poses of LCRNet++: K-means, the class of a pose, and poses in boxes (thesis 3.3.3).

Poses are normalized to a box, which becomes the unit square: x and y minus its corner, over its size.
All functions but :func:`fit_anchor_poses` are on tensors of any device.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from mmactrep.errors import UserError
from mmactrep.structures import SkeletonLayout

#: Offsets are learnt in this many times their size.
OFFSET_SCALE = 5.0
_LEGS = ('knee', 'ankle')


class AnchorPoseError(UserError, ValueError):
    """Poses from which no anchors can be made, or a student without anchors."""


def normalize_poses(keypoint: Tensor, box: Tensor) -> Tensor:
    """Poses (N, V, 2) in pixels relative to boxes (N, 4), x1, y1, x2, y2: (N, V, 2)."""
    corner, size = box[:, None, :2], (box[:, None, 2:] - box[:, None, :2]).clamp(min=1e-3)
    return (keypoint - corner) / size


def place_poses(pose: Tensor, box: Tensor) -> Tensor:
    """Poses (N, K, V, 2) relative to boxes (N, 4), in pixels: the inverse of :func:`normalize_poses`."""
    corner, size = box[:, None, None, :2], box[:, None, None, 2:] - box[:, None, None, :2]
    return pose * size.clamp(min=1e-3) + corner


def closest_anchors(pose: Tensor, seen: Tensor, anchors: Tensor) -> Tensor:
    """Class_P = argmin_b S(Anchor_b, P): the anchor of least Euclidean distance over the seen joints.

    Args:
        pose: (N, V, 2) normalized poses.
        seen: (N, V) bool; missing joints do not count.
        anchors: (K, V, 2).

    Returns:
        (N,) int64 in [0, K).
    """
    squared = ((pose[:, None] - anchors[None]) ** 2).sum(-1)
    return (squared * seen[:, None]).sum(-1).argmin(1)


def encode_offsets(pose: Tensor, anchor: Tensor) -> Tensor:
    """Regression targets (N, V, 2) of normalized poses (N, V, 2) against their anchors (N, V, 2)."""
    return (pose - anchor) * OFFSET_SCALE


def decode_offsets(offset: Tensor, anchors: Tensor) -> Tensor:
    """Normalized poses (N, K, V, 2) of every class, from offsets (N, K, V, 2) and anchors (K, V, 2)."""
    return anchors[None] + offset / OFFSET_SCALE


def fit_anchor_poses(
    keypoint: np.ndarray, score: np.ndarray, box: np.ndarray, count: int, seed: int = 0
) -> np.ndarray:
    """Anchor poses, computed as the center over all elements of each of K clusters.

    Args:
        keypoint: (N, V, 2) in pixels.
        score: (N, V), 0 where a joint is missing; only complete poses are clustered.
        box: (N, 4).
        count: K.
        seed: Seed of K-means.

    Returns:
        (K, V, 2) float32, the largest cluster first.

    Raises:
        AnchorPoseError: If there are fewer complete poses than anchors.
    """
    from sklearn.cluster import KMeans

    complete = (np.asarray(score) > 0).all(axis=1)
    if complete.sum() < count:
        raise AnchorPoseError(
            f'{count} anchor poses need at least as many complete poses, found {complete.sum()} of '
            f'{len(complete)} with all joints'
        )
    poses, boxes = torch.as_tensor(keypoint[complete]).double(), torch.as_tensor(box[complete]).double()
    flat = normalize_poses(poses, boxes).flatten(1).numpy()
    clusters = KMeans(count, n_init=4, random_state=seed).fit(flat)
    order = np.argsort(-np.bincount(clusters.labels_, minlength=count), kind='stable')
    return clusters.cluster_centers_[order].reshape(count, -1, 2).astype(np.float32)


def upper_body_anchors(anchors: Tensor, layout: SkeletonLayout) -> Tensor:
    """Which anchors (K, V, 2) are of bodies whose knees and ankles lie below the box: (K,) bool.

    Their boxes end at a picture's edge; where the legs are is a guess.
    """
    legs = leg_joints(layout)
    if not legs:
        return torch.zeros(len(anchors), dtype=torch.bool, device=anchors.device)
    return anchors[:, legs, 1].mean(1) > 1


def leg_joints(layout: SkeletonLayout) -> Sequence[int]:
    """Indices of the joints that an upper-body anchor does not know."""
    return [i for i, joint in enumerate(layout.joints) if any(part in joint for part in _LEGS)]
