"""Errors of a pose estimator: jitter, outliers, swapped sides, missing joints, truncation."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from mmactrep.structures import SkeletonLayout

NOISE_FACTORS = ('jitter', 'outlier', 'swap', 'missing')
"""Per clip: deviation of the jitter as a share of the body's height; chance of an outlier per joint and
frame; expected spells of swapped sides and of missing joints per clip."""

_SPELLS = 3
_FAST_JOINTS = ('wrist', 'hand', 'ankle', 'foot', 'elbow', 'knee')


def corrupt(
    keypoint: np.ndarray,
    layout: SkeletonLayout,
    factors: Mapping[str, np.ndarray],
    rngs: list[np.random.Generator],
    image_size: tuple[int, int] | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Observe exact skeletons as an estimator would.

    Args:
        keypoint: (N, T, V, C) exact coordinates, 2D (pixels) or 3D (meters).
        layout: Their layout.
        factors: ``NOISE_FACTORS`` name to (N,); an absent name counts as 0.
        rngs: One generator per clip, so that a clip does not depend on its neighbors in the batch.
        image_size: With it, joints outside the image (width, height) are missing: truncation.

    Returns:
        Coordinates (N, T, V, C) and confidences (N, T, V), both 0 where a joint is missing. The confidence
        falls with the error.
    """
    n, frames, joints, channels = keypoint.shape
    keypoint = np.asarray(keypoint, np.float32)
    level = {
        name: np.broadcast_to(np.asarray(factors.get(name, 0.0), np.float32), n) for name in NOISE_FACTORS
    }
    draws = _draw(rngs, frames, joints, channels)
    size = _body_size(keypoint).reshape(n, 1, 1)
    out = _swap_sides(keypoint, layout, level['swap'], draws)
    restless = [1.4 if any(part in name for part in _FAST_JOINTS) else 0.8 for name in layout.joints]
    jitter = level['jitter'].reshape(n, 1, 1) * size * np.array(restless, np.float32)
    shift = _drifting(draws['white'], draws['slow']) * jitter[..., None]
    wild = np.nonzero(draws['wild_at'] < level['outlier'].reshape(n, 1, 1))
    # Student's t with 2 degrees of freedom: heavy tails, cut at half a body.
    tail = draws['wild'][wild] / np.sqrt(np.maximum(draws['wild_scale'][wild], 1e-3))[:, None]
    shift[wild] += np.clip(0.08 * tail, -0.5, 0.5) * size[wild[0], :, 0]
    out = out + shift
    error = np.sqrt(sum((out[..., c] - keypoint[..., c]) ** 2 for c in range(channels))) / size
    score = np.clip(np.exp(-12 * error) * (1 - 0.15 * draws['doubt']), 0.05, 1.0)
    gone = _missing(layout, level['missing'], draws, frames)
    if image_size is not None:
        for channel, extent in enumerate(image_size):
            gone |= (out[..., channel] < 0) | (out[..., channel] >= extent)
    score[gone] = 0
    out[gone] = 0
    return out, score


def _body_size(keypoint: np.ndarray) -> np.ndarray:
    """Median over time of the diagonal of the body's bounding box, (N,)."""
    span = [np.ptp(np.ascontiguousarray(keypoint[..., c]), axis=2) for c in range(keypoint.shape[-1])]
    return np.median(np.sqrt(sum(s**2 for s in span)), axis=1).astype(np.float32)


def _drifting(white: np.ndarray, slow: np.ndarray) -> np.ndarray:
    """Noise of unit deviation, partly independent in every frame and partly drifting; time is axis 1."""
    from scipy.signal import lfilter

    slow[:, 0] /= np.sqrt(1 - 0.9**2)  # starts settled
    slow = lfilter(np.float32([np.sqrt(1 - 0.9**2)]), np.float32([1, -0.9]), slow, axis=1)
    return 0.6 * white + 0.8 * slow


def _draw(rngs: list[np.random.Generator], frames: int, joints: int, channels: int) -> dict[str, np.ndarray]:
    shape = (frames, joints)

    def one(rng: np.random.Generator) -> tuple[np.ndarray, ...]:
        # Draws independent of the number of channels come first: 2D and 3D of a clip fail the same way.
        return (
            rng.random((2, _SPELLS, 5), np.float32),
            rng.random((2, *shape), np.float32),
            rng.standard_exponential(shape, np.float32),
            rng.standard_normal((3, *shape, channels), np.float32),
        )

    spells, uniform, exponential, normal = (np.stack(values) for values in zip(*map(one, rngs)))
    return dict(
        white=normal[:, 0],
        slow=normal[:, 1],
        wild=normal[:, 2],
        wild_at=uniform[:, 0],
        doubt=uniform[:, 1],
        wild_scale=exponential,
        swap_spells=spells[:, 0],
        missing_spells=spells[:, 1],
    )


def _spells(expected: np.ndarray, draws: np.ndarray, frames: int, longest: float) -> np.ndarray:
    """When each of the possible spells is on, (N, spells, T); ``expected`` of them happen on average."""
    happens = draws[..., 0] < (expected / _SPELLS)[:, None]
    length = np.maximum(2, longest * frames * draws[..., 1] ** 2)
    start = draws[..., 2] * (frames + length) - length
    t = np.arange(frames)
    on = (t >= start[..., None]) & (t < (start + length)[..., None])
    return on & happens[..., None]


def _limb_mask(layout: SkeletonLayout, pick: np.ndarray, side: np.ndarray) -> np.ndarray:
    """Joints of a limb: ``pick`` chooses arm, leg or all of a side, (..., V)."""
    arm = np.array(
        [any(p in j for p in ('elbow', 'wrist', 'hand', 'thumb', 'index', 'pinky')) for j in layout.joints]
    )
    leg = np.array([any(p in j for p in ('knee', 'ankle', 'foot', 'heel', 'toe')) for j in layout.joints])
    left = np.array([j.startswith('left_') for j in layout.joints])
    right = np.array([j.startswith('right_') for j in layout.joints])
    limbs = np.where(pick[..., None] < 0.45, arm, np.where(pick[..., None] < 0.8, leg, arm | leg))
    sides = np.where(side[..., None] < 0.4, left, np.where(side[..., None] < 0.8, right, left | right))
    return limbs & sides


def _swap_sides(
    keypoint: np.ndarray, layout: SkeletonLayout, expected: np.ndarray, draws: Mapping[str, np.ndarray]
) -> np.ndarray:
    spells = draws['swap_spells']
    on = _spells(expected, spells, keypoint.shape[1], longest=0.3)
    both = _limb_mask(layout, spells[..., 3], np.ones_like(spells[..., 3]))
    mask = (on[..., None] & both[:, :, None]).any(axis=1)
    return np.where(mask[..., None], keypoint[:, :, list(layout.flip_order)], keypoint)


def _missing(
    layout: SkeletonLayout, expected: np.ndarray, draws: Mapping[str, np.ndarray], frames: int
) -> np.ndarray:
    spells = draws['missing_spells']
    on = _spells(expected, spells, frames, longest=0.7)
    limb = _limb_mask(layout, spells[..., 3], spells[..., 4])
    return (on[..., None] & limb[:, :, None]).any(axis=1)
