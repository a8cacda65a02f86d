"""Characters: bodies with different proportions for the same motion."""

from __future__ import annotations

import numpy as np

from .body import BODY, REST_OFFSETS

CHARACTER_FACTORS = (
    'height',
    'legs',
    'arms',
    'shin',
    'forearm',
    'shoulder_width',
    'hip_width',
    'head',
    'child',
)
"""A character's parameters: height in meters, the others as factors on the reference body (child: 0 or 1)."""

_REFERENCE_HEIGHT = 1.75


def sample_characters(ids: np.ndarray, seed: int = 0) -> dict[str, np.ndarray]:
    """Proportions of members of an unlimited, seeded population.

    Args:
        ids: (N,) numbers of the characters. A number always gives the same character, whatever other
            numbers are requested.
        seed: Seed of the population.

    Returns:
        ``CHARACTER_FACTORS`` name to (N,) float32.
    """
    ids = np.asarray(ids)
    unique, inverse = np.unique(ids, return_inverse=True)
    draws = np.stack(
        [np.random.default_rng((seed, int(i), 7)).random(2 * len(CHARACTER_FACTORS)) for i in unique]
    )
    # The mean of two uniform draws: most people are ordinary, nobody is absurd.
    u = dict(zip(CHARACTER_FACTORS, (draws[:, ::2] + draws[:, 1::2] - 1).T))
    child = (np.abs(u['child']) > 0.72).astype(np.float64)
    factors = dict(
        height=np.where(child > 0, 1.28 + 0.18 * u['height'], 1.71 + 0.24 * u['height']),
        legs=1 + 0.09 * u['legs'] - 0.05 * child,
        arms=1 + 0.07 * u['arms'] - 0.03 * child,
        shin=1 + 0.06 * u['shin'],
        forearm=1 + 0.06 * u['forearm'],
        shoulder_width=1 + 0.18 * u['shoulder_width'] - 0.08 * child,
        hip_width=1 + 0.22 * u['hip_width'],
        head=1 + 0.1 * u['head'] + 0.22 * child,
        child=child,
    )
    return {name: values[inverse].astype(np.float32) for name, values in factors.items()}


def character_offsets(factors: dict[str, np.ndarray]) -> np.ndarray:
    """Bones in the rest pose, (N, J, 3) meters, from the proportions of :func:`sample_characters`.

    Both sides are the same. The height is that of the top joint above the floor in the rest pose, scaled
    from the reference body's 1.75 m.
    """
    n = len(factors['height'])
    offsets = np.broadcast_to(REST_OFFSETS, (n, *REST_OFFSETS.shape)).astype(np.float32)
    for i, name in enumerate(BODY.joints):
        part = name.split('_', 1)[-1]
        if part == 'knee':
            offsets[:, i] *= factors['legs'][:, None]
        elif part == 'ankle':
            offsets[:, i] *= (factors['legs'] * factors['shin'])[:, None]
        elif part == 'elbow':
            offsets[:, i] *= factors['arms'][:, None]
        elif part in ('wrist', 'hand', 'hand_tip', 'thumb'):
            offsets[:, i] *= (factors['arms'] * factors['forearm'])[:, None]
        elif part == 'shoulder':
            offsets[:, i, 0] *= factors['shoulder_width']
        elif part == 'hip':
            offsets[:, i, 0] *= factors['hip_width']
        elif part in ('head', 'nose', 'eye', 'ear', 'mouth'):
            offsets[:, i] *= factors['head'][:, None]
    heads = standing_height(offsets) / standing_height(REST_OFFSETS)
    return offsets * (factors['height'] / _REFERENCE_HEIGHT / heads)[:, None, None]


def standing_height(offsets: np.ndarray) -> np.ndarray:
    """Height of the head joint over the soles in the rest pose, (...,) meters."""
    chain = BODY.indices(('chest', 'neck', 'head'))
    leg = BODY.indices(('left_knee', 'left_ankle', 'left_heel'))
    return offsets[..., chain, 1].sum(axis=-1) - offsets[..., leg, 1].sum(axis=-1)
