"""Persons of a clip have no order: training draws one, the test sees every one."""

from __future__ import annotations

import itertools

import numpy as np

from mmactrep.registry import TRANSFORMS

from .base import SkeletonTransform
from .random_state import get_rng


@TRANSFORMS.register_module()
class ShufflePersons(SkeletonTransform):
    """Put the persons of a clip in a random order, so that a model does not learn who comes first.

    Args:
        num: The first so many persons; those behind them stay.
    """

    def __init__(self, num: int = 2) -> None:
        self.num = num

    def apply(self, keypoint: np.ndarray, score: np.ndarray, results: dict) -> tuple[np.ndarray, np.ndarray]:
        """Permute the persons of (M, T, V, C) and (M, T, V)."""
        count = min(self.num, len(keypoint))
        order = np.concatenate([get_rng(results).permutation(count), np.arange(count, len(keypoint))])
        return keypoint[order], score[order]


@TRANSFORMS.register_module()
class EveryPersonOrder(SkeletonTransform):
    """Make a sample of every order of the persons; the model's prediction is the mean over the samples.

    Used after the frames are sampled. A clip of M persons becomes M! samples, one after the other in time;
    ``num_clips`` grows by that factor. Clips with a single person seen stay as they are in content: each of
    their samples is the same.

    Args:
        num: Persons of a sample; a clip has as many, filled up with missing ones, so that all clips have as
            many samples.
    """

    def __init__(self, num: int = 2) -> None:
        if not 1 <= num <= 3:
            raise ValueError(f'num must be 1 to 3, since {num} persons have {num}! orders')
        self.num = num

    def apply(self, keypoint: np.ndarray, score: np.ndarray, results: dict) -> tuple[np.ndarray, np.ndarray]:
        """Repeat (M, T, V, C) and (M, T, V) along time."""
        keypoint, score = _filled(keypoint[: self.num], self.num), _filled(score[: self.num], self.num)
        orders = [list(order) for order in itertools.permutations(range(self.num))]
        if not (score[1:] > 0).any():  # one person, who must not move to an empty place
            orders = [orders[0]] * len(orders)
        results['num_clips'] = results.get('num_clips', 1) * len(orders)
        return (
            np.concatenate([keypoint[order] for order in orders], axis=1),
            np.concatenate([score[order] for order in orders], axis=1),
        )


def _filled(values: np.ndarray, num: int) -> np.ndarray:
    """The persons, and missing ones up to a number."""
    lacking = num - len(values)
    return (
        values
        if lacking <= 0
        else np.concatenate([values, np.zeros((lacking, *values.shape[1:]), values.dtype)])
    )
