"""Procedural textures: walls, floors, pictures and cloth, (H, W, 3) uint8 RGB."""

from __future__ import annotations

import colorsys
from collections.abc import Callable

import cv2
import numpy as np


def noise(rng: np.random.Generator, size: tuple[int, int], cells: int = 4, octaves: int = 4) -> np.ndarray:
    """Smooth noise of several scales, (H, W) float32 from 0 to 1.

    Args:
        rng: Generator.
        size: Height and width.
        cells: Cells of the coarsest scale along the shorter side.
        octaves: Number of scales, each twice as fine and half as strong as the one before.
    """
    total = np.zeros(size, np.float32)
    unit = min(size) / cells
    for octave in range(octaves):
        rows, columns = (max(2, round(length / unit * 2**octave)) for length in size)
        coarse = rng.random((rows, columns), np.float32)
        total += cv2.resize(coarse, size[::-1], interpolation=cv2.INTER_CUBIC) / 2**octave
    low, high = float(total.min()), float(total.max())
    return (total - low) / max(high - low, 1e-6)


def draw_color(
    rng: np.random.Generator,
    saturation: tuple[float, float] = (0.3, 0.9),
    value: tuple[float, float] = (0.3, 0.95),
) -> np.ndarray:
    """A color (3,) float32, 0 to 255, of any hue."""
    return 255 * np.array(
        colorsys.hsv_to_rgb(rng.random(), rng.uniform(*saturation), rng.uniform(*value)), np.float32
    )


def shade(color: np.ndarray, factor: float) -> np.ndarray:
    """A color made darker (below 1) or lighter (above 1)."""
    color = np.asarray(color, np.float32)
    return color * factor if factor <= 1 else color + (255 - color) * (factor - 1)


def mix(weight: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """(H, W, 3) uint8 between two colors, by a weight (H, W) of 0 to 1."""
    colors = np.asarray(first) + weight[..., None] * (np.asarray(second) - np.asarray(first))
    return np.clip(colors, 0, 255).astype(np.uint8)


def plaster(rng: np.random.Generator, size: tuple[int, int]) -> np.ndarray:
    """A painted wall with stains."""
    color = draw_color(rng, (0.05, 0.45), (0.45, 0.95))
    return mix(noise(rng, size, 3, 5), shade(color, 0.85), shade(color, 1.1))


def wallpaper(rng: np.random.Generator, size: tuple[int, int]) -> np.ndarray:
    """Vertical stripes."""
    color = draw_color(rng, (0.1, 0.5), (0.4, 0.9))
    width = int(rng.integers(8, 40))
    wave = (np.sin(2 * np.pi * np.arange(size[1]) / width) * rng.uniform(2, 8)).clip(-1, 1) / 2 + 0.5
    weight = np.broadcast_to(wave, size) * 0.8 + 0.2 * noise(rng, size, 6, 3)
    return mix(weight, color, shade(color, rng.uniform(0.6, 1.3)))


def bricks(rng: np.random.Generator, size: tuple[int, int]) -> np.ndarray:
    """Rows of bricks with joints."""
    color, joint = draw_color(rng, (0.2, 0.6), (0.35, 0.7)), draw_color(rng, (0.0, 0.2), (0.5, 0.8))
    height, length = int(rng.integers(10, 20)), int(rng.integers(24, 48))
    image = mix(noise(rng, size, 8, 4), shade(color, 0.8), shade(color, 1.15))
    for row, top in enumerate(range(0, size[0], height)):
        shift = (row % 2) * length // 2
        for left in range(-shift, size[1], length):
            tone = rng.uniform(0.85, 1.1)
            part = image[top : top + height, max(left, 0) : max(left + length, 0)]
            part[:] = np.clip(part * tone, 0, 255)
            part[:, -2:] = joint
        image[top : top + 2] = joint
    return image


def planks(rng: np.random.Generator, size: tuple[int, int]) -> np.ndarray:
    """Wooden boards along the first axis."""
    color = np.array([rng.uniform(110, 200), rng.uniform(75, 140), rng.uniform(40, 95)], np.float32)
    grain = cv2.resize(noise(rng, (max(2, size[0] // 12), size[1]), 20, 3), size[::-1])
    image = mix(grain, shade(color, 0.75), shade(color, 1.15))
    width = int(rng.integers(16, 36))
    for left in range(0, size[1], width):
        image[:, left : left + width] = np.clip(
            image[:, left : left + width] * rng.uniform(0.85, 1.1), 0, 255
        )
        image[:, left : left + 1] = image[:, left : left + 1] // 2
    return image


def tiles(rng: np.random.Generator, size: tuple[int, int]) -> np.ndarray:
    """Square tiles of two colors."""
    first = draw_color(rng, (0.0, 0.35), (0.4, 0.95))
    second = shade(first, rng.uniform(0.55, 0.9)) if rng.random() < 0.6 else first
    unit = int(rng.integers(24, 56))
    y, x = np.mgrid[: size[0], : size[1]]
    weight = ((y // unit + x // unit) % 2).astype(np.float32)
    image = mix(weight * 0.9 + 0.1 * noise(rng, size, 8, 3), first, second)
    image[(y % unit < 2) | (x % unit < 2)] = shade(first, 0.5)
    return image


def carpet(rng: np.random.Generator, size: tuple[int, int]) -> np.ndarray:
    """A speckled floor."""
    color = draw_color(rng, (0.1, 0.6), (0.25, 0.7))
    return mix(0.5 * noise(rng, size, 4, 3) + 0.5 * rng.random(size, np.float32), shade(color, 0.75), color)


def picture(rng: np.random.Generator, size: tuple[int, int]) -> np.ndarray:
    """Something to hang on a wall: blots of color, or a landscape."""
    first, second = draw_color(rng), draw_color(rng)
    image = mix(noise(rng, size, 2, 3), first, second)
    for _ in range(int(rng.integers(0, 5))):
        center = tuple(int(rng.integers(0, length)) for length in size[::-1])
        axes = tuple(int(rng.integers(3, max(4, min(size) // 3))) for _ in range(2))
        color = draw_color(rng).tolist()
        cv2.ellipse(image, center, axes, rng.uniform(0, 180), 0, 360, color, -1, cv2.LINE_AA)
    return image


Texture = Callable[[np.random.Generator, tuple[int, int]], np.ndarray]
WALLS: tuple[Texture, ...] = (plaster, plaster, wallpaper, bricks)
FLOORS: tuple[Texture, ...] = (planks, tiles, carpet)
