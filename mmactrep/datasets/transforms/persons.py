"""Which persons a model sees, and with which joints."""

from __future__ import annotations

import numpy as np

from mmactrep.registry import TRANSFORMS
from mmactrep.structures import SkeletonLayout, get_layout

from .base import SkeletonTransform, check_choice, read_layout

MEASURES = ('motion', 'deviation', 'score')


def person_activity(keypoint: np.ndarray, score: np.ndarray, by: str = 'motion') -> np.ndarray:
    """How active each person is.

    Args:
        keypoint: (M, T, V, C) coordinates.
        score: (M, T, V), 0 where a joint is missing.
        by: ``'motion'``, the path that the joints cover, summed over joints and pairs of consecutive frames
            that both show the joint; ``'deviation'``, the standard deviation of the seen joints' coordinates
            over frames and joints, summed over channels (the choice of Toyota Smarthome and NTU RGB+D);
            ``'score'``, the sum of the confidences.

    Returns:
        (M,); -1 for a person without any seen joint.
    """
    check_choice('by', by, MEASURES)
    seen = score > 0
    if by == 'motion':
        both = seen[:, 1:] & seen[:, :-1]
        path = np.linalg.norm(np.diff(keypoint, axis=1), axis=-1)
        activity = np.where(both, path, 0).sum(axis=(1, 2))
    elif by == 'deviation':
        activity = np.array([k[s].std(axis=0).sum() if s.any() else 0.0 for k, s in zip(keypoint, seen)])
    else:
        activity = score.sum(axis=(1, 2))
    return np.where(seen.any(axis=(1, 2)), activity, -1.0)


def select_persons(keypoint: np.ndarray, score: np.ndarray, num: int = 2, by: str = 'motion') -> np.ndarray:
    """Indices of the most active persons, most active first, ties in their original order.

    Persons without any seen joint are dropped; if there is no other, the first one is kept.

    Args:
        keypoint: (M, T, V, C) coordinates.
        score: (M, T, V), 0 where a joint is missing.
        num: Maximum number of persons.
        by: See :func:`person_activity`.

    Returns:
        At least 1 and at most ``num`` indices.
    """
    activity = person_activity(keypoint, score, by)
    order = np.argsort(-activity, kind='stable')
    order = order[activity[order] >= 0]
    return order[:num] if len(order) else np.zeros(1, np.int64)


@TRANSFORMS.register_module()
class SelectPersons(SkeletonTransform):
    """Keep the most active persons, most active first; empty ones are dropped.

    If there are fewer than ``num`` persons, none are added: ``FormatSkeleton`` fills them up.

    Args:
        num: Maximum number of persons to keep.
        by: ``'motion'``, ``'deviation'`` (Toyota Smarthome, NTU RGB+D) or ``'score'``; see
            :func:`person_activity`.
    """

    def __init__(self, num: int = 2, by: str = 'motion') -> None:
        if num < 1:
            raise ValueError(f'num must be at least 1, got {num}')
        check_choice('by', by, MEASURES)
        self.num = num
        self.by = by

    def apply(self, keypoint: np.ndarray, score: np.ndarray, results: dict) -> tuple[np.ndarray, np.ndarray]:
        """See :func:`select_persons`."""
        chosen = select_persons(keypoint, score, self.num, self.by)
        return keypoint[chosen], score[chosen]


@TRANSFORMS.register_module()
class MapLayout(SkeletonTransform):
    """Derive the joints of another layout.

    Modified keys: ``keypoint`` and ``keypoint_score``, with the target's joints, and ``layout``.

    Args:
        target: The target layout.
        allow_missing: Leave joints that cannot be derived missing instead of raising.
        layout: Layout where the clip names none.
    """

    def __init__(
        self,
        target: str | SkeletonLayout = 'posetics17',
        allow_missing: bool = False,
        layout: str | SkeletonLayout | None = None,
    ) -> None:
        self.target = get_layout(target)
        self.allow_missing = allow_missing
        self.layout = layout
        self._mappings = {}

    def apply(self, keypoint: np.ndarray, score: np.ndarray, results: dict) -> tuple[np.ndarray, np.ndarray]:
        """See :meth:`SkeletonLayout.mapping_to`."""
        source = read_layout(results, self.layout)
        results['layout'] = self.target
        if source == self.target:
            return keypoint, score
        # Resolving a mapping costs more than applying it: do it once per layout, not once per clip.
        known = self._mappings.get(source.name)
        if known is None or known[0] != source:
            known = self._mappings[source.name] = (
                source,
                source.mapping_to(self.target, self.allow_missing),
            )
        return known[1](keypoint, score)
