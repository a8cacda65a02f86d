"""Proposals of simulated experts for whole clips, with other persons beside and parts out of view."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from mmactrep.structures import SkeletonLayout

from .simulation import Poses, SimulatedExpert

#: Share of the clips in which a part of the body is out of view.
HIDDEN_CLIPS = 0.3


def propose(
    truth: Sequence[Poses],
    layout: SkeletonLayout,
    experts: Sequence[SimulatedExpert],
    seed: int,
    hidden: float = HIDDEN_CLIPS,
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Proposals (E, T, V, 2) and scores (E, T, V) per clip; its wrong person is that of the next clip."""
    for index, (keypoint, score) in enumerate(truth):
        rng = np.random.default_rng((seed, index))
        other = beside(keypoint, score, *truth[(index + 1) % len(truth)])
        window = hide_a_part(keypoint, score, rng) if rng.random() < hidden else None
        poses = [expert.propose(keypoint, score, layout, rng, other, window) for expert in experts]
        yield tuple(np.stack(arrays) for arrays in zip(*poses))


def beside(keypoint: np.ndarray, score: np.ndarray, other: np.ndarray, other_score: np.ndarray) -> Poses:
    """Another clip's person, repeated to the same length, at the same size, half a height to the side."""
    rows = np.arange(len(keypoint)) % len(other)
    other, other_score = other[rows].astype(np.float64), other_score[rows]
    mine, theirs = (np.stack(limits(*poses)) for poses in ((keypoint, score), (other, other_score)))
    scale = (mine[1, 1] - mine[0, 1]) / max(theirs[1, 1] - theirs[0, 1], 1.0)
    moved = (other - theirs.mean(axis=0)) * scale + mine.mean(axis=0)
    moved[..., 0] += 0.5 * (mine[1, 1] - mine[0, 1])
    return moved, other_score


def limits(keypoint: np.ndarray, score: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Lowest and highest (x, y) of all joints of a clip."""
    points = keypoint[score > 0]
    return points.min(axis=0), points.max(axis=0)


def hide_a_part(keypoint: np.ndarray, score: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A window x1, y1, x2, y2 that cuts 10 to 30 % off one side of the clip's extent, except the top."""
    window = np.concatenate(limits(keypoint, score))
    side = rng.integers(3)  # left, right, below
    axis = 0 if side < 2 else 1
    cut = rng.uniform(0.1, 0.3) * (window[2 + axis] - window[axis])
    window[(0, 2, 3)[side]] += cut if side == 0 else -cut
    return window
