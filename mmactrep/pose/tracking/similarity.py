"""Similarity of poses: object keypoint similarity (OKS) between sets of persons."""

from __future__ import annotations

import numpy as np

from mmactrep.structures import SkeletonLayout

# The deviations of COCO's annotators (Ronchi and Perona 2017), by part; a joint that COCO does not annotate
# gets the deviation of the elbows and shoulders.
_COCO_SIGMAS = dict(
    nose=0.026, eye=0.025, ear=0.035, shoulder=0.079, elbow=0.072,
    wrist=0.062, hip=0.107, knee=0.087, ankle=0.089,
)  # fmt: skip
_DEFAULT_SIGMA = 0.079
_SIDES = ('left_', 'right_')


def joint_sigmas(layout: SkeletonLayout) -> np.ndarray:
    """COCO's deviation of every joint of a layout, by the joint's name. (V,) float32."""
    parts = [joint.removeprefix(_SIDES[0]).removeprefix(_SIDES[1]) for joint in layout.joints]
    return np.array([_COCO_SIGMAS.get(part, _DEFAULT_SIGMA) for part in parts], np.float32)


def body_area(keypoint: np.ndarray, score: np.ndarray) -> np.ndarray:
    """Area of poses (..., V, 2) with scores (..., V), in square pixels: (...,).

    A quarter of the squared diagonal of the joints' extent. Unlike the product of width and height, it does
    not vanish for a person seen from the side with hanging arms.
    """
    seen = (score > 0)[..., None]
    high = np.where(seen, keypoint, -np.inf).max(axis=-2)
    low = np.where(seen, keypoint, np.inf).min(axis=-2)
    extent = np.where(seen.any(axis=-2), high - low, 0)
    return (extent**2).sum(axis=-1) / 4


def keypoint_similarity(
    keypoint_a: np.ndarray,
    score_a: np.ndarray,
    keypoint_b: np.ndarray,
    score_b: np.ndarray,
    sigmas: np.ndarray,
    area: np.ndarray | None = None,
    min_common: int = 3,
) -> np.ndarray:
    """Object keypoint similarity of every person of one set with every person of another.

    The mean over the joints that both sides see of ``exp(-d² / (2 area (2σ)²))``: COCO's OKS, with the area
    taken from the joints because proposals have no segmentation.

    Args:
        keypoint_a: (P, V, 2) pixels.
        score_a: (P, V), 0 where a joint is missing.
        keypoint_b: (Q, V, 2) pixels.
        score_b: (Q, V), 0 where a joint is missing.
        sigmas: (V,) deviations relative to the body's size, see :func:`joint_sigmas`.
        area: Square pixels, broadcastable to (P, Q). Default: the mean of both sides' :func:`body_area`.
        min_common: Persons with fewer joints in common have similarity 0.

    Returns:
        (P, Q) in [0, 1].
    """
    if area is None:
        area = (body_area(keypoint_a, score_a)[:, None] + body_area(keypoint_b, score_b)[None]) / 2
    common = (score_a > 0)[:, None] & (score_b > 0)[None]
    squared = ((keypoint_a[:, None].astype(np.float64) - keypoint_b[None]) ** 2).sum(axis=-1)
    spread = 2 * np.maximum(np.asarray(area, np.float64), 1e-6)[..., None] * (2 * sigmas) ** 2
    count = common.sum(axis=-1)
    similarity = (np.exp(-squared / spread) * common).sum(axis=-1) / np.maximum(count, 1)
    return np.where(count >= max(min_common, 1), similarity, 0.0)


def box_iou(box_a: np.ndarray, box_b: np.ndarray) -> np.ndarray:
    """Intersection over union of boxes (P, 4) and (Q, 4), x1, y1, x2, y2: (P, Q)."""
    low = np.maximum(box_a[:, None, :2], box_b[None, :, :2])
    high = np.minimum(box_a[:, None, 2:], box_b[None, :, 2:])
    inside = np.maximum(high - low, 0).prod(axis=-1)
    areas = [np.maximum(box[:, 2:] - box[:, :2], 0).prod(axis=-1) for box in (box_a, box_b)]
    return inside / np.maximum(areas[0][:, None] + areas[1][None] - inside, 1e-9)
