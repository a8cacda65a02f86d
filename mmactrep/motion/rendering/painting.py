"""Painting solids from far to near: polygons, capsules and balls with light and shade."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from .camera import RoomCamera

_CIRCLE = np.stack([np.cos(a := np.linspace(0, 2 * np.pi, 14, endpoint=False)), np.sin(a)], axis=1)
# OpenCV takes sixteenths of a pixel
_SHIFT = 4
#: Share of the radius by which light areas move towards the light, and where it comes from in the image.
_LIGHT = 0.22 * np.array([-0.6, -0.8])
_SUN = (0.25, 0.85, 0.46)
# radius and tone of the layers that make a round surface: its rim, the surface, a gleam
_LAYERS = ((1.0, 0.62), (0.84, 1.0), (0.42, 1.14))


@dataclass(frozen=True)
class Solid:
    """The hull of some balls: a ball, a limb, a trunk.

    Args:
        points: (n, 3) centers, meters.
        radii: (n,) meters.
        color: (3,) RGB, 0 to 255.
        bands: Stripes across a solid of two balls, as shares of its length.
        band_color: Their color.
        nearer: Meters by which it counts as nearer to the camera than it is.
    """

    points: np.ndarray
    radii: np.ndarray
    color: np.ndarray
    bands: Sequence[float] = ()
    band_color: np.ndarray | None = None
    nearer: float = 0.0


@dataclass(frozen=True)
class Face:
    """A flat polygon.

    Args:
        points: (n, 3) corners, meters.
        color: (3,) RGB, 0 to 255.
        nearer: Meters by which it counts as nearer to the camera than it is.
        outline: Whether its edges are drawn darker.
    """

    points: np.ndarray
    color: np.ndarray
    nearer: float = 0.0
    outline: bool = True


Shape = Solid | Face


@dataclass
class Canvas:
    """An image that shapes are painted on.

    Args:
        image: (H, W, 3) uint8 RGB; changed in place.
        camera: Its camera.
    """

    image: np.ndarray
    camera: RoomCamera

    def paint(self, shapes: Sequence[Shape]) -> None:
        """Paint shapes, the farthest first."""
        if not shapes:
            return
        pixels, depths = self.camera.project(np.concatenate([shape.points for shape in shapes]))
        ends = np.cumsum([len(shape.points) for shape in shapes]).tolist()
        waiting = []
        for shape, begin, end in zip(shapes, [0, *ends], ends):
            depth = depths[begin:end]
            waiting.append((float(depth.sum()) / len(depth) - shape.nearer, shape, pixels[begin:end], depth))
        for _, shape, corners, depth in sorted(waiting, key=lambda each: -each[0]):
            if isinstance(shape, Solid):
                self._solid(shape, corners, depth)
            else:
                self._face(shape, corners)

    def shadow(self, center: np.ndarray, radius: float, strength: float = 0.35) -> None:
        """Darken a round patch of the floor around a point (3,), softly."""
        ring = np.zeros((len(_CIRCLE), 3))
        ring[:, [0, 2]] = np.asarray(center)[[0, 2]] + radius * _CIRCLE
        for grow, share in ((1.25, 0.3), (1.0, 0.4), (0.7, 0.3)):
            middle = ring.mean(axis=0)
            pixels, _ = self.camera.project(middle + grow * (ring - middle))
            low = np.maximum(np.floor(pixels.min(axis=0)).astype(int), 0)
            high = np.minimum(np.ceil(pixels.max(axis=0)).astype(int) + 1, self.camera.size[::-1])
            if (high <= low).any():
                continue
            part = self.image[low[1] : high[1], low[0] : high[0]]
            dark = part.copy()
            cv2.fillConvexPoly(dark, _fixed(pixels - low), (0, 0, 0), cv2.LINE_AA, _SHIFT)
            part[:] = cv2.addWeighted(part, 1 - strength * share, dark, strength * share, 0)

    def _solid(self, solid: Solid, centers: np.ndarray, depth: np.ndarray) -> None:
        radii = np.maximum(solid.radii * self.camera.focal / depth, 0.6)
        reach = 2 * float(radii.sum()) / len(radii)
        for size, tone in _LAYERS:
            rims = centers[:, None] + (_LIGHT * (1 - size) * reach + size * radii[:, None, None] * _CIRCLE)
            hull = cv2.convexHull(rims.reshape(-1, 2).astype(np.float32))[:, 0]
            cv2.fillConvexPoly(self.image, _fixed(hull), _tone(solid.color, tone), cv2.LINE_AA, _SHIFT)
            if tone == 1.0 and len(solid.bands):
                self._bands(solid, centers, radii)

    def _bands(self, solid: Solid, centers: np.ndarray, radii: np.ndarray) -> None:
        along = centers[1] - centers[0]
        length = float(np.hypot(*along))
        if length < 2:
            return
        across = np.array([-along[1], along[0]]) / length
        color = _tone(solid.band_color, 0.95)
        for place in solid.bands:
            middle, reach = centers[0] + place * along, 0.86 * (radii[0] + place * (radii[1] - radii[0]))
            ends = _fixed(np.stack([middle - reach * across, middle + reach * across]))
            width = max(1, round(0.09 * length))
            cv2.line(self.image, ends[0].tolist(), ends[1].tolist(), color, width, cv2.LINE_AA, _SHIFT)

    def _face(self, face: Face, corners: np.ndarray) -> None:
        (ax, ay, az), (bx, by, bz) = (face.points[1] - face.points[0], face.points[-1] - face.points[0])
        normal = (ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx)
        length = math.sqrt(sum(value * value for value in normal)) or 1.0
        # light from above and a little from the front
        tone = 0.62 + 0.38 * abs(sum(a * b for a, b in zip(normal, _SUN))) / length
        corners = _fixed(corners)
        cv2.fillConvexPoly(self.image, corners, _tone(face.color, tone), cv2.LINE_AA, _SHIFT)
        if face.outline:
            edge = _tone(face.color, 0.5 * tone)
            cv2.polylines(self.image, [corners], True, edge, 1, cv2.LINE_AA, _SHIFT)


def _tone(color: np.ndarray, factor: float) -> tuple[float, ...]:
    """A color for OpenCV, darker (below 1) or lighter (above 1)."""
    if factor <= 1:
        return tuple([value * factor for value in color.tolist()])
    return tuple([value + (255 - value) * (factor - 1) for value in color.tolist()])


def _fixed(pixels: np.ndarray) -> np.ndarray:
    """Pixels as OpenCV's fixed-point numbers; far outside the image they are cut."""
    return np.rint(np.minimum(np.maximum(pixels, -4000), 4000) * (1 << _SHIFT)).astype(np.int32)


def cuboid(
    center: np.ndarray, size: Sequence[float], heading: float, color: np.ndarray, nearer: float = 0.0
) -> list[Face]:
    """The faces of a box.

    Args:
        center: (3,) middle, meters.
        size: Width, height and depth, meters.
        heading: Radians; its depth points to where a person of this heading looks.
        color: (3,) RGB.
        nearer: See :class:`Face`.
    """
    right = np.array([np.cos(heading), 0, -np.sin(heading)]) * size[0] / 2
    up = np.array([0, size[1] / 2, 0])
    ahead = np.array([np.sin(heading), 0, np.cos(heading)]) * size[2] / 2
    faces = []
    for out, one, other in ((right, up, ahead), (up, ahead, right), (ahead, right, up)):
        for sign in (-1, 1):
            middle = np.asarray(center) + sign * out
            corners = [middle + a * one + b * other for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
            faces.append(Face(np.stack(corners), color, nearer))
    return faces
