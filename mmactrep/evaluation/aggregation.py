"""SST-A against its experts and against plain votes, on skeletons whose truth is known (thesis 3.6.3)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mmactrep.pose.aggregation.sst_a import aggregate
from mmactrep.structures import SkeletonLayout
from mmactrep.structures.body_length import body_length

from .functional import mpjpe, normalized_errors, pckh

#: Coordinates (T, V, 2) and scores (T, V) of one clip.
Poses = tuple[np.ndarray, np.ndarray]


def combine(keypoint: np.ndarray, score: np.ndarray, median: bool = False) -> Poses:
    """Mean or median (T, V, 2) of the proposals (E, T, V, 2), and (T, V) 1 where there is any, else 0."""
    seen = (score > 0)[..., None]
    votes = np.where(seen, keypoint, np.nan)
    votes[:, ~seen.any(axis=0)[..., 0]] = 0  # joints that nobody proposed: any number avoids a warning
    center = (np.nanmedian if median else np.nanmean)(votes, axis=0)
    return center, seen.any(axis=0)[..., 0].astype(float)


def evaluate(
    truth: Sequence[Poses],
    proposals: Sequence[tuple[np.ndarray, np.ndarray]],
    layout: SkeletonLayout,
    names: Sequence[str],
    normalizer: str = 'head_neck',
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Errors of every method.

    Args:
        truth: Poses of each clip.
        proposals: Those of the experts, coordinates (E, T, V, 2) and scores (E, T, V).
        layout: Layout of the joints.
        names: The experts.
        normalizer: Length that SST-A's C refers to (Eq. 3.4); errors are in head lengths with any.

    Returns:
        Errors (frames of all clips, V) in head lengths by method, see
        :func:`mmactrep.evaluation.functional.normalized_errors`; and C of SST-A per frame.
    """
    errors: dict[str, list[np.ndarray]] = {}
    confidence = []
    for (keypoint, score), (votes, votes_score) in zip(truth, proposals):
        length = body_length(keypoint, score, layout)
        result = aggregate(votes, votes_score, layout, normalizer=normalizer)
        methods = dict(zip(names, zip(votes, votes_score))) | {
            'mean': combine(votes, votes_score),
            'median': combine(votes, votes_score, median=True),
            'SST-A': (result.keypoint, result.score),
        }
        for name, (pose, pose_score) in methods.items():
            found = normalized_errors(pose, keypoint, pose_score, score, length)
            errors.setdefault(name, []).append(found)
        confidence.append(result.confidence)
    return {name: np.concatenate(parts) for name, parts in errors.items()}, np.concatenate(confidence)


def report(
    errors: dict[str, np.ndarray], confidence: np.ndarray, thresholds: Sequence[float], gamma: float
) -> str:
    """Format the table of results."""
    kept = ~(confidence < gamma)  # including those with a single vote, which have no C
    rows = [(name, found, 1.0) for name, found in errors.items()]
    rows.append((f'SST-A, C >= {gamma:g}', errors['SST-A'][kept], kept.mean()))
    names = [f'PCKh@{threshold:g}' for threshold in thresholds]
    lines = [' '.join([f'{"":18s}', *(f'{name:>9s}' for name in names), '    MPJPE   missed     kept'])]
    for name, found, share in rows:
        values = [f'{100 * float(pckh(found, threshold)):8.1f}%' for threshold in thresholds]
        missed = np.isinf(found).sum() / max((~np.isnan(found)).sum(), 1)
        values += [f'{float(mpjpe(found)):9.3f}', f'{100 * missed:7.1f}%', f'{100 * share:7.1f}%']
        lines.append(' '.join([f'{name:18s}', *values]))
    return '\n'.join(lines)
