"""Which of the bodies that an estimator found are the persons of a clip."""

from __future__ import annotations

from functools import partial

import numpy as np

# The noise rules of NTU RGB+D's authors as later code shares them (Shahroudy et al. 2016; CTR-GCN, PYSKL): a
# body seen for at most 10 frames, or in most frames broader than high, is no person.
_LEAST_FRAMES = 11
_BROADEST = 0.8
_BROAD_SHARE = 0.69754


def most_active_persons(keypoint: np.ndarray, count: int) -> np.ndarray:
    """Indices of the persons whose coordinates deviate most, by falling deviation.

    The deviation of a person is that of the official feeders (Shi et al., 2s-AGCN): over the frames in which
    the person is there, the standard deviation of all values of each channel, summed over the channels.

    Args:
        keypoint: (M, T, V, C), zeros where a person is not there.
        count: Persons to keep.

    Returns:
        Indices [min(M, count)]; ``keypoint[indices]`` are the persons, and ``score[indices]`` their scores.
    """
    deviations = [
        there.std(axis=(0, 1)).sum() if len(there := _there(person)) else 0.0 for person in keypoint
    ]
    return np.argsort(-np.array(deviations), kind='stable')[:count]


def drop_noise(keypoint: np.ndarray, vertical: int = 1) -> np.ndarray:
    """Leave out tracks that are no persons, as long as another one remains.

    Args:
        keypoint: (M, T, V, C), zeros where a body is not there.
        vertical: Channel of the height; channel 0 is the breadth.

    Returns:
        (M', T, V, C), in the same order.
    """
    for is_noise in (_too_short, partial(_too_broad, vertical=vertical)):
        kept = [person for person in keypoint if not is_noise(person)]
        if kept:
            keypoint = np.stack(kept)
    return keypoint


def _there(person: np.ndarray) -> np.ndarray:
    return person[np.any(person != 0, axis=(1, 2))]


def _too_short(person: np.ndarray) -> bool:
    return len(_there(person)) < _LEAST_FRAMES


def _too_broad(person: np.ndarray, vertical: int) -> bool:
    there = _there(person)
    if not len(there):
        return True
    extent = np.ptp(there, axis=1)
    return bool(np.mean(extent[:, 0] > _BROADEST * extent[:, vertical]) >= _BROAD_SHARE)
