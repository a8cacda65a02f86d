"""A camera in a room: pixels and depths of points, and maps from planes to the image."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mmactrep.motion.cameras import view_axes

#: Nothing comes nearer to the lens, meters.
NEAREST = 0.3


@dataclass(frozen=True)
class RoomCamera:
    """A pinhole camera that looks at a point.

    Args:
        aim: (3,) point in the middle of the image, meters.
        yaw, pitch, roll: Degrees, see :class:`~mmactrep.motion.cameras.Cameras`.
        distance: Meters from the aim.
        focal: Pixels of a meter at a distance of one meter.
        size: Height and width of the image.
    """

    aim: np.ndarray
    yaw: float
    pitch: float
    roll: float
    distance: float
    focal: float
    size: tuple[int, int]

    @cached_property
    def axes(self) -> np.ndarray:
        """(3, 3) image right, image down and viewing direction."""
        return view_axes(np.asarray(self.yaw), np.asarray(self.pitch), np.asarray(self.roll))

    @property
    def center(self) -> tuple[float, float]:
        """Pixel of the aim, x and y."""
        return self.size[1] / 2, self.size[0] / 2

    def project(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Image of points.

        Args:
            points: (..., 3) meters.

        Returns:
            (..., 2) pixels x and y, and (...,) meters from the camera along its view.
        """
        local = (np.asarray(points, np.float64) - self.aim) @ self.axes.T
        depth = np.maximum(local[..., 2] + self.distance, NEAREST)
        return local[..., :2] * (self.focal / depth)[..., None] + self.center, depth

    def plane_map(self, origin: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        """(3, 3) homography from coordinates (a, b) of the plane origin + a first + b second to pixels."""
        axes = self.axes
        columns = np.stack([axes @ first, axes @ second, axes @ (origin - self.aim)], axis=1)
        columns[2, 2] += self.distance
        x, y = self.center
        return np.array([[self.focal, 0, x], [0, self.focal, y], [0, 0, 1]]) @ columns
