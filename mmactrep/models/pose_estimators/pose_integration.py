"""Pose proposal integration (PPI) of LCRNet++: from many scored proposals to persons (thesis 3.3.3, 4)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class IntegrationSettings:
    """Bounds of :func:`integrate`.

    Args:
        overlap: Proposals whose boxes overlap the best one's by more (intersection over union) are of the
            same person.
        distance: Proposals whose joints are on average nearer to those of the best one belong to its mode; a
            share of the diagonal of its box. LCRNet++ takes 0.3 m of a 3D body; a standing body's diagonal
            has about 2 m.
        min_mode: A further mode is opened only by a proposal with at least this score.
        min_person: A person is kept whose summed score is above this.
        leg_weight: Weight of the legs of proposals that know the upper body alone.
    """

    overlap: float = 0.2
    distance: float = 0.15
    min_mode: float = 0.05
    min_person: float = 0.002
    leg_weight: float = 0.1


def integrate(
    poses: np.ndarray,
    scores: np.ndarray,
    size: tuple[int, int],
    settings: IntegrationSettings | None = None,
    upper_body: np.ndarray | None = None,
    legs: Sequence[int] = (),
) -> tuple[np.ndarray, np.ndarray]:
    """Combine pose proposals that overlap in the picture and agree.

    Args:
        poses: (P, V, 2) in pixels.
        scores: (P,) probabilities of the proposals' classes.
        size: (H, W) of the picture, at which the proposals' boxes are cut.
        settings: Bounds.
        upper_body: (P,) bool, proposals that know the upper body alone. Default: none.
        legs: Joints that those do not know.

    Returns:
        Persons (Q, V, 2) float64, the score-weighted means of their best modes, and the summed scores of all
        their proposals (Q,), the best first.
    """
    settings = settings or IntegrationSettings()
    poses, scores = np.asarray(poses, np.float64), np.asarray(scores, np.float64)
    weights = np.repeat(scores[:, None], poses.shape[1], axis=1) if len(poses) else scores.reshape(0, 0)
    if upper_body is not None and len(legs):
        weights[np.ix_(np.asarray(upper_body, bool), list(legs))] *= settings.leg_weight
    persons = []
    for group in _groups(poses, scores, size, settings.overlap):
        total = scores[group].sum()
        if total <= settings.min_person:
            continue
        best = max(_modes(group, poses, scores, settings), key=lambda mode: scores[mode].sum())
        share = weights[best] / np.maximum(weights[best].sum(axis=0), 1e-12)
        persons.append(((poses[best] * share[..., None]).sum(axis=0), total))
    persons.sort(key=lambda person: -person[1])
    if not persons:
        return np.zeros((0, *poses.shape[1:])), np.zeros(0)
    found, totals = zip(*persons)
    return np.stack(found), np.array(totals)


def _groups(
    poses: np.ndarray, scores: np.ndarray, size: tuple[int, int], overlap: float
) -> Iterator[np.ndarray]:
    """Indices of the proposals of each person, by the best proposal that is left."""
    if not len(poses):
        return
    limit = np.array(size[::-1], np.float64)
    low = np.clip(poses.min(axis=1), 0, limit)
    high = np.clip(poses.max(axis=1), 0, limit)
    area = (high - low).prod(axis=1)
    left = np.argsort(-scores, kind='stable')
    while len(left):
        best = left[0]
        inside = np.minimum(high[best], high[left]) - np.maximum(low[best], low[left])
        inside = np.maximum(inside, 0).prod(axis=1)
        same = inside / np.maximum(area[best] + area[left] - inside, 1e-9) > overlap
        same[0] = True  # also where its box is empty
        yield left[same]
        left = left[~same]


def _modes(
    group: np.ndarray, poses: np.ndarray, scores: np.ndarray, settings: IntegrationSettings
) -> Iterator[np.ndarray]:
    """Indices of the proposals of each mode of one person, sorted by score."""
    first, left = True, group
    while len(left):
        best = left[0]
        if not first and scores[best] < settings.min_mode:
            return
        reach = settings.distance * np.linalg.norm(poses[best].max(axis=0) - poses[best].min(axis=0))
        apart = np.linalg.norm(poses[left] - poses[best], axis=-1).mean(axis=-1)
        near = apart < reach
        near[0] = True
        yield left[near]
        left, first = left[~near], False
