"""Filling in missing joints."""

from __future__ import annotations

import numpy as np

from mmactrep.registry import TRANSFORMS
from mmactrep.structures import SkeletonLayout
from mmactrep.structures.motion_representation import fill_missing

from .base import SkeletonTransform, read_layout


@TRANSFORMS.register_module()
class FillMissingJoints(SkeletonTransform):
    """Fill in missing joints over time, as motion generators need it, see :func:`fill_missing`.

    It needs the frames in order, so put it before transforms that sample frames. A filled-in joint counts as
    seen, with score 1. A person who is never seen stays missing.

    Args:
        layout: Layout where the clip names none.
    """

    def __init__(self, layout: str | SkeletonLayout | None = None) -> None:
        self.layout = layout

    def apply(self, keypoint: np.ndarray, score: np.ndarray, results: dict) -> tuple[np.ndarray, np.ndarray]:
        """Interpolate; see :func:`fill_missing`."""
        filled = fill_missing(keypoint, score, read_layout(results, self.layout))
        someone = (score > 0).any(axis=(1, 2), keepdims=True)
        return filled, np.where(someone & (score <= 0), np.float32(1), score)
