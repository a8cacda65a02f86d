"""Cameras: views of a body, perspective or orthographic."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from .body import BODY

IMAGE_SIZE = (640, 480)
"""Width and height of the images, pixels."""


@dataclass
class Cameras:
    """One camera per clip; every field is (N,) or a number for all clips.

    Args:
        yaw: Where the camera stands around the person, degrees: 0 in front, 90 at the left side, 180 behind.
        pitch: How far above the horizon it stands, degrees; positive looks down.
        roll: Rotation of the image, degrees.
        distance: Distance to the person, meters; has no effect on an orthographic camera.
        scale: Pixels per meter at that distance.
        orthographic: True for parallel projection.
        follow: How much the camera follows the person, from 0 (stands still, centered on the middle of
            the path) to 1.
        shift_x: Position of the person relative to the center of the image, pixels.
        shift_y: The same downward.
        aim: Which height of the person is in the middle: 0 the feet, 1 the head.
    """

    yaw: np.ndarray | float = 0.0
    pitch: np.ndarray | float = 0.0
    roll: np.ndarray | float = 0.0
    distance: np.ndarray | float = 4.0
    scale: np.ndarray | float = 200.0
    orthographic: np.ndarray | bool = False
    follow: np.ndarray | float = 1.0
    shift_x: np.ndarray | float = 0.0
    shift_y: np.ndarray | float = 0.0
    aim: np.ndarray | float = 0.5

    def __getitem__(self, rows) -> Cameras:
        values = {field.name: np.asarray(getattr(self, field.name)) for field in fields(self)}
        return Cameras(**{name: value[rows] if value.ndim else value for name, value in values.items()})

    def column(self, name: str, n: int) -> np.ndarray:
        """A field as (n, 1, 1), to broadcast over frames and joints."""
        return np.broadcast_to(np.asarray(getattr(self, name)), n).reshape(n, 1, 1)


def view_axes(yaw: np.ndarray, pitch: np.ndarray, roll: np.ndarray) -> np.ndarray:
    """Image right, image down and viewing direction of cameras, (..., 3 (axis), 3) from degrees."""
    yaw, pitch, roll = np.broadcast_arrays(
        *(np.radians(np.asarray(a, np.float64)) for a in (yaw, pitch, roll))
    )
    zero = np.zeros_like(yaw)
    right = np.stack([np.cos(yaw), zero, -np.sin(yaw)], axis=-1)
    forward = -np.stack([np.sin(yaw) * np.cos(pitch), np.sin(pitch), np.cos(yaw) * np.cos(pitch)], axis=-1)
    down = np.cross(forward, right)
    cos, sin = np.cos(roll)[..., None], np.sin(roll)[..., None]
    return np.stack([cos * right + sin * down, cos * down - sin * right, forward], axis=-2)


def to_camera(positions: np.ndarray, cameras: Cameras) -> np.ndarray:
    """World to camera coordinates.

    Args:
        positions: (N, T, J, 3) world coordinates of all joints of ``BODY``, meters.
        cameras: The cameras; each aims at its clip.

    Returns:
        (N, T, J, 3): right, down and away from the camera, relative to the point that it aims at, meters.
    """
    n = len(positions)
    axes = view_axes(*(cameras.column(name, n)[:, 0, 0] for name in ('yaw', 'pitch', 'roll')))
    relative = positions - _targets(positions, cameras)[:, :, None]
    rotation = np.swapaxes(axes, -1, -2).astype(positions.dtype)
    return np.matmul(relative.reshape(n, -1, 3), rotation).reshape(positions.shape)


def perspective(depth: np.ndarray, distance: np.ndarray | float) -> np.ndarray:
    """How much larger than at the aim a camera sees what lies behind it (negative depth: before it).

    Nothing comes nearer than a quarter of the distance: a person cannot walk through the lens.

    Args:
        depth: Meters behind the aim.
        distance: Meters from the camera to the aim.
    """
    return distance / np.maximum(distance + depth, 0.25 * distance)


def project_from(
    positions: np.ndarray,
    aim: np.ndarray,
    yaw: float,
    pitch: float = 0.0,
    roll: float = 0.0,
    distance: float | None = None,
    dims: int = 2,
) -> np.ndarray:
    """What one camera that stands still sees, whatever the layout of the joints.

    Args:
        positions: (..., 3) meters, y up; a body facing +z has +x to its left.
        aim: (3,) point in the middle of the image.
        yaw: Where the camera stands, degrees, see :class:`Cameras`.
        pitch: How far above the horizon it stands, degrees.
        roll: Rotation of the image, degrees.
        distance: Meters from the aim; None for parallel projection.
        dims: 2 for the image; 3 for coordinates of the camera, without perspective.

    Returns:
        (..., dims): right and down, meters at the distance of the aim; with dims 3 also the depth behind it.
    """
    axes = view_axes(np.asarray(yaw), np.asarray(pitch), np.asarray(roll)).astype(positions.dtype)
    local = (positions - aim) @ axes.T
    if dims == 3:
        return local
    if distance is None:
        return local[..., :2]
    return local[..., :2] * perspective(local[..., 2:], distance).astype(positions.dtype)


def project(
    positions: np.ndarray, cameras: Cameras, image_size: tuple[int, int] = IMAGE_SIZE
) -> tuple[np.ndarray, np.ndarray]:
    """Image coordinates of joints.

    Args:
        positions: (N, T, J, 3) as in :func:`to_camera`.
        cameras: The cameras.
        image_size: Width and height in pixels.

    Returns:
        Pixels (N, T, J, 2), x to the right and y down from the upper left corner, also where they lie
        outside the image; and the depth relative to the aim (N, T, J), meters, positive behind it.
    """
    n = len(positions)
    local = to_camera(positions, cameras)
    distance = cameras.column('distance', n).astype(positions.dtype)
    orthographic = cameras.column('orthographic', n).astype(bool)
    nearness = perspective(local[..., 2], distance)
    factor = np.where(orthographic, np.ones_like(nearness), nearness) * cameras.column('scale', n).astype(
        positions.dtype
    )
    center = np.stack(
        [
            image_size[0] / 2 + cameras.column('shift_x', n),
            image_size[1] / 2 + cameras.column('shift_y', n),
        ],
        axis=-1,
    )
    return local[..., :2] * factor[..., None] + center.astype(positions.dtype), local[..., 2]


def _targets(positions: np.ndarray, cameras: Cameras) -> np.ndarray:
    """Points that the cameras aim at, (N, T, 3)."""
    n, frames = positions.shape[:2]
    path = positions[:, :, BODY.index('mid_hip')]
    middle = (path.min(axis=1, keepdims=True) + path.max(axis=1, keepdims=True)) / 2
    follow = cameras.column('follow', n).astype(positions.dtype)
    target = middle + follow * (_smooth(path, max(3, frames // 6)) - middle)
    height = np.ascontiguousarray(positions[..., 1]).reshape(n, -1)
    low, high = height.min(axis=1), height.max(axis=1)
    aim = cameras.column('aim', n)[:, :, 0].astype(positions.dtype)
    target[..., 1] = low[:, None] + aim * (high - low)[:, None]
    return target


def _smooth(path: np.ndarray, width: int) -> np.ndarray:
    """Moving average over time (axis 1) with constant ends: a camera operator lags and smooths."""
    before = width // 2
    padded = np.concatenate(
        [np.repeat(path[:, :1], before, 1), path, np.repeat(path[:, -1:], width - 1 - before, 1)], axis=1
    )
    sums = np.cumsum(np.concatenate([np.zeros_like(padded[:, :1]), padded], axis=1), axis=1, dtype=np.float64)
    return ((sums[:, width:] - sums[:, :-width]) / width).astype(path.dtype)
