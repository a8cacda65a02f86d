"""The joints that a motion library stores, and how other layouts are derived from them."""

from __future__ import annotations

import numpy as np

from mmactrep.structures import SkeletonLayout, get_layout

from .body import BODY

LIBRARY_LAYOUT = get_layout('h36m17')
"""Joints stored for a motion: the other layouts of 2D poses are derived from them."""


def to_library_layout(positions: np.ndarray, layout: SkeletonLayout = BODY) -> np.ndarray:
    """Joints (..., 17, C) of ``LIBRARY_LAYOUT`` from another layout's (..., V, C)."""
    return map_joints(positions, layout, LIBRARY_LAYOUT)


def joint_weights(source: SkeletonLayout, target: SkeletonLayout) -> np.ndarray:
    """Joints of one layout as weighted sums of another's, (V', V) float32.

    Posetics17 is derived from LCRNet13, as the real data set is: its nose lies half-way from head to neck.

    Raises:
        ValueError: If the target has joints that cannot be derived.
    """
    if source.joints == target.joints:
        return np.eye(source.num_joints, dtype=np.float32)
    if target.name == 'posetics17':
        via = get_layout('lcrnet13')
        return via.mapping_to(target).weights[0] @ source.mapping_to(via).weights[0]
    return source.mapping_to(target).weights[0]


def map_joints(positions: np.ndarray, source: SkeletonLayout, target: SkeletonLayout) -> np.ndarray:
    """Complete positions (..., V, C) of one layout as another's (..., V', C), by :func:`joint_weights`."""
    return np.matmul(joint_weights(source, target).astype(positions.dtype), positions)
