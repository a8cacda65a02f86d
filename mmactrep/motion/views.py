"""Views of motions and windows of their frames."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from .cameras import view_axes

SEVEN_VIEWS = (-90.0, -60.0, -30.0, 0.0, 30.0, 60.0, 90.0)
"""Yaw angles, degrees, from which Mixamo's motions are seen."""


def view(
    positions: np.ndarray, yaw: float, dims: int = 2, pitch: float = 0.0, roll: float = 0.0
) -> np.ndarray:
    """Positions as an orthographic camera sees them.

    Args:
        positions: (..., 3), y up; a body facing +z has +x to its left.
        yaw: Where the camera stands, degrees: 0 in front of a body facing +z, 90 at its left side.
        dims: 2 for the image: right and down. 3 adds the depth: away from the camera.
        pitch: How far above the horizon the camera stands, degrees; positive looks down.
        roll: Rotation of the image, degrees.

    Returns:
        (..., dims), in the unit of the positions.
    """
    return positions @ _view_axes(yaw, pitch, roll)[:dims].astype(positions.dtype).T


@lru_cache(maxsize=256)
def _view_axes(yaw: float, pitch: float, roll: float) -> np.ndarray:
    # a dataset uses the same few views over and over
    return view_axes(yaw, pitch, roll)


def fold(positions: np.ndarray, frames: int) -> np.ndarray:
    """A motion (T, ...) with at least ``frames`` frames: a short one is played back and forth.

    Unlike repeating it from the start, this causes no jump.
    """
    length = len(positions)
    if length >= frames:
        return positions
    if length == 1:
        return np.repeat(positions, frames, axis=0)
    phase = np.arange(frames) % (2 * length - 2)
    return positions[np.minimum(phase, 2 * length - 2 - phase)]
