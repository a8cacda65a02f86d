"""Deriving the joints of one skeleton layout from those of another."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from .missing_joints import seen_joints

Recipe = dict[str, float]

# A joint that a layout lacks, as weighted sums of others, best first. Neck, mid-hip, chest and
# nose are the interpolation by which the thesis goes from 13 joints to 17 (3.7.1).
_RECIPES: dict[str, list[Recipe]] = {
    'neck': [{'left_shoulder': 0.5, 'right_shoulder': 0.5}],
    'mid_hip': [{'left_hip': 0.5, 'right_hip': 0.5}],
    'chest': [{'neck': 0.5, 'mid_hip': 0.5}],
    'nose': [{'head': 0.5, 'neck': 0.5}],
    'head': [{'left_ear': 0.5, 'right_ear': 0.5}, {'nose': 1.0}],
    'upper_neck': [{'head': 0.5, 'neck': 0.5}],
}
for _side in ('left', 'right'):
    _forearm = {f'{_side}_wrist': 1.3, f'{_side}_elbow': -0.3}
    _RECIPES |= {
        f'{_side}_eye': [{'head': 1.0}],
        f'{_side}_eye_inner': [{f'{_side}_eye': 1.0}],
        f'{_side}_eye_outer': [{f'{_side}_eye': 1.0}],
        f'{_side}_ear': [{'head': 1.0}],
        f'{_side}_mouth': [{'nose': 1.0}],
        f'{_side}_hand': [_forearm],
        f'{_side}_hand_tip': [{f'{_side}_index': 1.0}, _forearm],
        f'{_side}_index': [{f'{_side}_hand_tip': 1.0}, _forearm],
        f'{_side}_pinky': [_forearm],
        f'{_side}_thumb': [_forearm],
        f'{_side}_foot': [{f'{_side}_big_toe': 1.0}, {f'{_side}_ankle': 1.0}],
        f'{_side}_big_toe': [{f'{_side}_foot': 1.0}, {f'{_side}_ankle': 1.0}],
        f'{_side}_small_toe': [{f'{_side}_foot': 1.0}, {f'{_side}_ankle': 1.0}],
        f'{_side}_heel': [{f'{_side}_ankle': 1.0}],
    }


@dataclass(frozen=True, eq=False)
class JointMapping:
    """Linear recipes that make V' joints from V, with a second choice where sources are missing.

    Args:
        weights: [candidates, V', V]; candidate 0 is tried first, a row of zeros means no recipe.
    """

    weights: np.ndarray

    def __call__(
        self, keypoint: np.ndarray, score: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Map joints.

        Args:
            keypoint: (..., V, C) coordinates.
            score: (..., V) confidences, 0 where a joint is missing. Default: 1 where one is seen, see
                :func:`~mmactrep.structures.seen_joints`.

        Returns:
            Coordinates (..., V', C) and scores (..., V') in the dtype of the input (float32 if that
            is not a float). The score of a derived joint is the lowest of its sources' scores; the
            joint is missing (coordinates and score 0) if one of its sources is.

        Raises:
            ValueError: If there are not V joints, or the shapes do not agree.
        """
        if not np.issubdtype(keypoint.dtype, np.floating):
            keypoint = keypoint.astype(np.float32)
        joints = self.weights.shape[-1]
        if keypoint.ndim < 2 or keypoint.shape[-2] != joints:
            raise ValueError(
                f'expected {joints} joints, coordinates (..., {joints}, C), found {keypoint.shape}'
            )
        if score is not None and score.shape != keypoint.shape[:-1]:
            raise ValueError(f'expected scores {keypoint.shape[:-1]}, found {score.shape}')
        seen = seen_joints(keypoint, score)
        score = seen.astype(keypoint.dtype) if score is None else np.where(seen, score, 0).astype(score.dtype)
        shape = (*keypoint.shape[:-2], self.weights.shape[1])
        out = np.zeros((*shape, keypoint.shape[-1]), keypoint.dtype)
        out_score = np.zeros(shape, score.dtype)
        for weights in self.weights[::-1]:
            for joint, row in enumerate(weights):
                sources = np.flatnonzero(row)
                if len(sources) == 0:
                    continue
                least = score[..., sources].min(axis=-1)
                made = np.einsum('...vc,v->...c', keypoint[..., sources, :], row[sources])
                seen = least > 0
                out[..., joint, :] = np.where(seen[..., None], made, out[..., joint, :])
                out_score[..., joint] = np.where(seen, least, out_score[..., joint])
        return out, out_score


def build_mapping(
    source: Sequence[str], target: Sequence[str], made: Collection[str] = ()
) -> tuple[JointMapping, list[str]]:
    """How the joints of one list are made from those of another.

    Args:
        source: Names of the V existing joints, in the order of the data.
        target: Names of the V' target joints, in order.
        made: Joints of ``target`` that are derived from others even where the source has one of that name.

    Returns:
        The mapping, and the joints that cannot be derived, which come out missing.
    """
    places = {joint: i for i, joint in enumerate(source)}
    candidates = [_resolve(joint, places, (), made) for joint in target]
    depth = max(1, max(map(len, candidates)))
    weights = np.zeros((depth, len(target), len(source)), np.float32)
    for joint, found in enumerate(candidates):
        for rank, recipe in enumerate(found):
            for name, weight in recipe.items():
                weights[rank, joint, places[name]] += weight
    return JointMapping(weights), [joint for joint, found in zip(target, candidates) if not found]


def _resolve(
    joint: str, source: Collection[str], asked: tuple[str, ...], made: Collection[str]
) -> list[Recipe]:
    """All recipes for a joint in terms of the source's own joints, best first.

    The source's joint of that name comes first, or last if the joint is to be ``made`` from others.
    """
    own = [{joint: 1.0}] if joint in source else []
    if own and joint not in made:
        return own
    if joint in asked:
        return own
    found = []
    for recipe in _RECIPES.get(joint, []):
        parts = {part: _resolve(part, source, (*asked, joint), made) for part in recipe}
        if not all(parts.values()):
            continue
        for rank in range(max(map(len, parts.values()))):
            combined: Recipe = {}
            for part, weight in recipe.items():
                ways = parts[part]
                for name, share in ways[min(rank, len(ways) - 1)].items():
                    combined[name] = combined.get(name, 0.0) + weight * share
            if combined not in found:
                found.append(combined)
    return found + own
