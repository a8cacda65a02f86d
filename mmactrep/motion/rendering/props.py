"""Furniture and things, as shapes to paint."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from .painting import Face, Shape, Solid, cuboid
from .textures import draw_color, shade

#: Something that has a place in every frame: shapes for a point (3,).
Thing = Callable[[np.ndarray], list[Shape]]


def draw_thing(rng: np.random.Generator, heading: float, to_drink: bool = False) -> tuple[Thing, float]:
    """A random thing of a hand's size: a box, a ball, a bottle or a cup.

    Args:
        rng: Generator.
        heading: Radians, of whoever holds it.
        to_drink: Only a bottle or a cup.

    Returns:
        The thing, placed by its middle, and half its height, meters.
    """
    color = draw_color(rng, (0.6, 1.0), (0.5, 1.0))
    kind, size = rng.integers(2 if to_drink else 0, 4), rng.uniform(0.85, 1.3)
    if kind == 0:
        sides = np.array([0.16, 0.12, 0.14]) * size * rng.uniform(0.8, 1.2, 3)
        return (lambda at: cuboid(at, sides, heading, color, 0.06)), sides[1] / 2
    if kind == 1:
        radius = 0.085 * size
        return (lambda at: [Solid(at[None], np.array([radius]), color, nearer=0.06)]), radius
    half, radius = (0.11 * size, 0.04 * size) if kind == 2 else (0.06 * size, 0.05 * size)
    cap = shade(color, 0.4)

    def upright(at: np.ndarray) -> list[Shape]:
        ends = np.stack([at - [0, half - radius, 0], at + [0, half - radius, 0]])
        top = at + [0, half, 0]
        return [
            Solid(ends, np.full(2, radius), color, (0.5,), shade(color, 1.6), nearer=0.06),
            Solid(top[None], np.array([0.6 * radius]), cap, nearer=0.07),
        ]

    return upright, half


def table(
    rng: np.random.Generator, center: np.ndarray, height: float, heading: float, depth: float = 0.5
) -> list[Shape]:
    """A table whose top is at a height; ``center`` (3,) is below its middle, on the floor."""
    color = draw_color(rng, (0.2, 0.6), (0.35, 0.85))
    width, slab = rng.uniform(0.7, 1.1), 0.04
    top = np.array([center[0], height - slab / 2, center[2]])
    shapes: list[Shape] = [*cuboid(top, (width, slab, depth), heading, color)]
    if rng.random() < 0.4:  # a chest of drawers
        body = np.array([center[0], (height - slab) / 2, center[2]])
        return [
            *cuboid(body, (0.94 * width, height - slab, 0.94 * depth), heading, shade(color, 0.8)),
            *shapes,
        ]
    right, ahead = _axes(heading)
    for x in (-0.45, 0.45):
        for z in (-0.42, 0.42):
            foot = np.array([center[0], 0, center[2]]) + x * width * right + z * depth * ahead
            ends = np.stack([foot, foot + [0, height - slab, 0]])
            shapes.append(Solid(ends, np.full(2, 0.025), shade(color, 0.75)))
    return shapes


def chair(rng: np.random.Generator, seat: np.ndarray, heading: float) -> list[Shape]:
    """A chair or a stool; ``seat`` (3,) is the middle of its top, a person on it looks along the heading."""
    color = draw_color(rng, (0.2, 0.8), (0.3, 0.9))
    right, ahead = _axes(heading)
    side, slab = rng.uniform(0.38, 0.46), 0.05
    middle = seat - [0, slab / 2, 0]
    shapes: list[Shape] = [*cuboid(middle, (side, slab, side), heading, color)]
    for x in (-0.45, 0.45):
        for z in (-0.45, 0.45):
            top = middle + x * side * right + z * side * ahead
            ends = np.stack([np.array([top[0], 0.0, top[2]]), top])
            shapes.append(Solid(ends, np.full(2, 0.02), shade(color, 0.7)))
    if rng.random() < 0.75:
        back = seat + [0, rng.uniform(0.2, 0.28), 0] - 0.48 * side * ahead
        height = 2 * (back[1] - seat[1])
        shapes += cuboid(back, (side, height, 0.04), heading, shade(color, 0.9))
    return shapes


def mat(rng: np.random.Generator, center: np.ndarray, heading: float) -> list[Shape]:
    """A mat on the floor, long in the direction of the heading."""
    right, ahead = _axes(heading)
    color = draw_color(rng, (0.3, 0.9), (0.3, 0.8))
    width, length = 0.4, 1.1
    corners = [
        np.array([center[0], 0.005, center[2]]) + a * width * right + b * length * ahead
        for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1))
    ]
    return [Face(np.stack(corners), color, nearer=-3.0)]


@dataclass(frozen=True)
class Hinge:
    """The circle on which a handle moves.

    Args:
        center: (2,) in the plane of the motion.
        radius: Meters.
        angles: (T,) where the handle is in every frame, radians.
    """

    center: np.ndarray
    radius: float
    angles: np.ndarray


def fit_hinge(path: np.ndarray, held: np.ndarray) -> Hinge:
    """The hinge of something that a hand moves; before and after that it stays where the hand left it.

    Args:
        path: (T, 2) where the hand is, in the plane of the motion.
        held: (T,) bool, when it holds the handle; once, and for three frames or more.
    """
    points = path[held].astype(np.float64)
    # (x - a)^2 + (y - b)^2 = r^2 is linear in a, b and r^2 - a^2 - b^2
    system = np.concatenate([2 * points, np.ones((len(points), 1))], axis=1)
    a, b, rest = np.linalg.lstsq(system, (points**2).sum(axis=1), rcond=None)[0]
    center = np.array([a, b])
    angles = np.unwrap(np.arctan2(points[:, 1] - b, points[:, 0] - a))
    first, last = np.flatnonzero(held)[[0, -1]]
    whole = np.concatenate([np.full(first, angles[0]), angles, np.full(len(path) - 1 - last, angles[-1])])
    return Hinge(center, float(np.sqrt(max(rest + a * a + b * b, 1e-4))), whole)


def door(
    hinge: Hinge, frame: int, heights: Sequence[float], color: np.ndarray, beyond: float = 1.12
) -> list[Shape]:
    """A door that turns about an upright axis, its center being (x, z).

    Args:
        hinge: Of the handle's path in x and z.
        frame: Number of the frame.
        heights: Of its lower and upper edge and its handle, meters.
        color: (3,) RGB.
        beyond: Width of the door over the distance of the handle.
    """
    low, high, handle = heights
    angle = hinge.angles[frame]
    way = np.array([np.cos(angle), 0, np.sin(angle)])
    start = np.array([hinge.center[0], 0, hinge.center[1]])
    end = start + beyond * hinge.radius * way
    corners = [start + [0, low, 0], end + [0, low, 0], end + [0, high, 0], start + [0, high, 0]]
    grip = start + hinge.radius * way + [0, handle, 0]
    inset = [
        start + share * (end - start) + [0, low + level * (high - low), 0]
        for share, level in ((0.15, 0.08), (0.85, 0.08), (0.85, 0.92), (0.15, 0.92))
    ]
    return [
        Face(np.stack(corners), color),
        Face(np.stack(inset), shade(color, 0.88), nearer=0.02),
        Solid(grip[None], np.array([0.025]), np.array([225, 200, 90]), nearer=0.04),
    ]


def _axes(heading: float) -> tuple[np.ndarray, np.ndarray]:
    """Right and ahead of a heading, (3,) each."""
    return (
        np.array([np.cos(heading), 0.0, -np.sin(heading)]),
        np.array([np.sin(heading), 0.0, np.cos(heading)]),
    )
