"""The room behind the people: a wall, a floor, pictures, and sometimes something that moves."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from .camera import RoomCamera
from .textures import FLOORS, WALLS, noise, picture, shade

_PIXELS_PER_METER = 64
_WALL = (3.2, 16.0)  # height and width of its texture, meters; beyond it the texture is mirrored
_FLOOR = 12.0
_DARK = 0.8


@dataclass(frozen=True)
class Screen:
    """A window or a television on the wall whose picture moves.

    Args:
        place: Row, column, height and width in the wall's texture, pixels.
        scenery: (H, W, 3) uint8, larger than the screen.
        speed: Pixels a second, down and to the right; either sign.
    """

    place: tuple[int, int, int, int]
    scenery: np.ndarray
    speed: tuple[float, float]

    def at(self, seconds: float) -> np.ndarray:
        """The picture at a time."""
        _, _, height, width = self.place
        room = np.array(self.scenery.shape[:2]) - (height, width)
        # to and fro
        room = np.maximum(room, 1)
        way = np.abs(np.array(self.speed)) * seconds
        offset = room - np.abs(way % (2 * room) - room)
        offset = np.where(np.array(self.speed) < 0, room - offset, offset)
        matrix = np.array([[1, 0, -offset[1]], [0, 1, -offset[0]]], np.float32)
        return cv2.warpAffine(self.scenery, matrix, (width, height))


@dataclass(frozen=True)
class Room:
    """A floor at height 0 and a wall behind it.

    Args:
        wall: Texture of the wall; its lower edge is the floor's height, its middle column x = 0.
        floor: Texture of the floor; its last row touches the wall.
        depth: The wall stands at z = -depth, meters.
        screen: Something on the wall that moves.
    """

    wall: np.ndarray
    floor: np.ndarray
    depth: float
    screen: Screen | None = None

    def draw(self, camera: RoomCamera, seconds: float) -> np.ndarray:
        """The room as the camera sees it, (H, W, 3) uint8."""
        wall = self.wall
        if self.screen is not None:
            row, column, height, width = self.screen.place
            wall = wall.copy()
            wall[row : row + height, column : column + width] = self.screen.at(seconds)
        unit = 1 / _PIXELS_PER_METER
        rows, columns = wall.shape[:2]
        corner = np.array([-columns / 2 * unit, rows * unit, -self.depth])
        right, down, near = np.array([unit, 0, 0]), np.array([0, -unit, 0]), np.array([0, 0, unit])
        image = self._warp(wall, camera.plane_map(corner, right, down), camera)
        corner = np.array([-self.floor.shape[1] / 2 * unit, 0, -self.depth])
        floor = self._warp(self.floor, camera.plane_map(corner, right, near), camera)
        mask = np.zeros(image.shape[:2], np.uint8)
        cv2.fillConvexPoly(mask, self._floor_outline(camera), 255, cv2.LINE_AA, 4)
        weight = mask[..., None].astype(np.float32) / 255
        image = (image + weight * (floor.astype(np.float32) - image)).astype(np.uint8)
        skirting, _ = camera.project(np.array([[-8, 0.05, -self.depth], [8, 0.05, -self.depth]]))
        ends = np.round(np.clip(skirting, -4000, 4000)).astype(int)
        cv2.line(image, ends[0].tolist(), ends[1].tolist(), self._skirting, 2, cv2.LINE_AA)
        return image

    @cached_property
    def _skirting(self) -> tuple[float, ...]:
        """Color of the edge between wall and floor."""
        return tuple(0.55 * value for value in cv2.mean(self.wall)[:3])

    def _floor_outline(self, camera: RoomCamera) -> np.ndarray:
        """Polygon of the image below the edge between wall and floor, in sixteenths of pixels."""
        edge, _ = camera.project(np.array([[-3.0, 0, -self.depth], [3.0, 0, -self.depth]]))
        slope = (edge[1, 1] - edge[0, 1]) / max(edge[1, 0] - edge[0, 0], 1e-6)
        height, width = camera.size
        left = edge[0, 1] - slope * (edge[0, 0] + 8)
        right = edge[0, 1] + slope * (width + 8 - edge[0, 0])
        corners = [(-8, left), (width + 8, right), (width + 8, height + 8), (-8, height + 8)]
        return np.round(np.clip(corners, -4000, 4000) * np.array(16)).astype(np.int32)

    @staticmethod
    def _warp(texture: np.ndarray, matrix: np.ndarray, camera: RoomCamera) -> np.ndarray:
        return cv2.warpPerspective(
            texture, matrix, camera.size[::-1], flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101
        )


def draw_room(rng: np.random.Generator, depth: float, moving: bool) -> Room:
    """A random room.

    Args:
        rng: Generator.
        depth: Distance of the wall behind x = z = 0, meters.
        moving: Whether a screen on the wall shows something that moves.
    """
    size = tuple(round(length * _PIXELS_PER_METER) for length in _WALL)
    wall = WALLS[rng.integers(len(WALLS))](rng, size)
    for _ in range(int(rng.integers(0, 5))):
        _hang(wall, rng)
    side = round(_FLOOR * _PIXELS_PER_METER)
    floor = FLOORS[rng.integers(len(FLOORS))](rng, (side, side))
    # darker away from the light
    weight = 1 - 0.3 * noise(rng, size, 2, 2)
    wall = (wall * weight[..., None]).astype(np.uint8)
    return Room(wall, floor, depth, _draw_screen(rng, size) if moving else None)


def _hang(wall: np.ndarray, rng: np.random.Generator) -> None:
    """Hang a framed picture on a wall, in place; most of them where the camera looks."""
    height, width = (int(rng.uniform(0.3, 1.0) * _PIXELS_PER_METER) for _ in range(2))
    row = int(rng.integers(10, max(11, wall.shape[0] - height - 60)))
    column = int(np.clip(rng.normal(wall.shape[1] / 2, 130), 8, wall.shape[1] - width - 8))
    frame = shade(wall[row, column], rng.choice([0.4, 1.5]))
    wall[row - 3 : row + height + 3, column - 3 : column + width + 3] = np.clip(frame, 0, 255)
    wall[row : row + height, column : column + width] = picture(rng, (height, width))


def _draw_screen(rng: np.random.Generator, size: tuple[int, int]) -> Screen:
    height, width = (
        int(rng.uniform(0.6, 1.1) * _PIXELS_PER_METER),
        int(rng.uniform(0.8, 1.8) * _PIXELS_PER_METER),
    )
    row = int(rng.integers(20, size[0] - height - 50))
    column = int(np.clip(rng.normal(size[1] / 2, 110), 0, size[1] - width))
    scenery = picture(rng, (height + 60, width + 120))
    speed = tuple(rng.choice([-1, 1], 2) * rng.uniform([0, 10], [12, 60]))
    return Screen((row, column, height, width), scenery, speed)
