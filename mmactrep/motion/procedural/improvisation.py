"""Improvised motion: every control of the rig moves by itself, from one random pose to the next.

It has no meaning, and that is its purpose: a motion autoencoder that has seen hands, feet and trunk in all
combinations does not overfit to the few motions of a library.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .rig import CHANNELS, Animation, Rig, solve

_BOTH_SIDES = dict(
    hand_out=(-0.35, 0.55),
    hand_up=(-0.53, 0.55),
    hand_fwd=(-0.3, 0.53),
    swivel=(-0.3, 1.5),
    hand_flex=(-0.5, 0.8),
    hand_twist=(-1.0, 1.0),
    shrug=(-0.05, 0.15),
    protract=(-0.1, 0.2),
    foot_out=(0.02, 0.45),
    foot_up=(0.0, 0.6),
    foot_fwd=(-0.8, 0.6),
    foot_pitch=(-0.6, 0.5),
    foot_yaw=(-0.2, 0.6),
    knee_out=(-0.2, 0.5),
    engaged=(1.0, 1.0),
)
RANGES: dict[str, tuple[float, float]] = dict(
    root_x=(-0.8, 0.8),
    root_z=(-0.8, 0.8),
    root_yaw=(-1.5, 1.5),
    lift=(0.0, 0.35),
    hip_x=(-0.12, 0.12),
    hip_drop=(0.0, 0.55),
    hip_z=(-0.2, 0.2),
    pelvis_twist=(-0.5, 0.5),
    pelvis_pitch=(-0.4, 1.5),
    pelvis_roll=(-0.3, 0.3),
    spine_twist=(-0.6, 0.6),
    spine_flex=(-0.3, 1.0),
    spine_side=(-0.4, 0.4),
    neck_twist=(-0.8, 0.8),
    neck_flex=(-0.5, 0.6),
    neck_side=(-0.3, 0.3),
) | {f'{name}_{side}': span for name, span in _BOTH_SIDES.items() for side in 'rl'}
"""Lowest and highest value of every control: meters and radians, see ``rig.CHANNELS``."""

# of the sided controls; the others rest at 0
_AT_EASE = dict(hand_out=0.1, hand_up=-0.5, hand_fwd=0.05, swivel=0.4, foot_out=0.12, engaged=1.0)
_STEP = (0.25, 1.2)  # seconds from value to value
_FASTEST = 0.3  # share of these of the liveliest motion
_QUIET_PART = 0.35  # share of the parts of the body that hardly move
_LEAST_EXTENT = 0.5  # of the ranges
_FROM_REST = 0.3  # share of the motions about the resting pose; the others have a pose of their own


def improvise(frames: int, fps: float, seed: int | Sequence[int]) -> Animation:
    """An improvised motion.

    Each control moves along monotone cubic curves through values drawn from ``RANGES`` around a home pose, at
    its own times. The home pose, the range, the speed and the parts of the body that take part are drawn for
    every motion.

    Args:
        frames: Frames of the motion, T.
        fps: Frames per second.
        seed: What ``numpy.random.default_rng`` takes.

    Returns:
        Joint angles and root motion (1, T, ...), to be put on any character.

    Raises:
        ValueError: If there are no frames or the rate is not positive.
    """
    from scipy.interpolate import PchipInterpolator

    if frames < 1 or fps <= 0:
        raise ValueError(f'expected one or more frames and a rate above 0, found {frames} and {fps}')
    rng = np.random.default_rng(seed)
    parts = ('lower', 'trunk', 'arm_r', 'arm_l')
    quiet = dict(zip(parts, rng.random(len(parts)) < _QUIET_PART))
    extent, pace = rng.uniform(_LEAST_EXTENT, 1.0), rng.uniform(_FASTEST, 1.0)
    away = rng.random() > _FROM_REST
    seconds = np.arange(frames) / fps
    rig = Rig()
    for name, (_, part) in CHANNELS.items():
        low, high = RANGES[name]
        at_ease = _AT_EASE.get(name[:-2], 0.0)
        home = _towards(at_ease, low, high, rng.uniform(-1, 1) * (away and rng.random()))
        part = f'arm_{name[-1]}' if part == 'arm' else part
        steps = rng.uniform(*_STEP, size=2 + int(seconds[-1] / _STEP[0] / pace)) * pace
        times = np.concatenate([[0.0], np.cumsum(steps)])
        # The second factor makes one control lively and the next one calm.
        reach = rng.uniform(-1, 1, len(times)) * rng.uniform(0.2, 1) * (0.1 if quiet[part] else extent)
        values = _towards(home, low, high, reach)
        rig[name] = PchipInterpolator(times, values)(seconds)[None].astype(np.float32)
    return solve(rig)


def _towards(start: float, low: float, high: float, share: float | np.ndarray) -> float | np.ndarray:
    """From a start towards the highest value (share 1) or the lowest (share -1)."""
    return start + np.where(np.asarray(share) > 0, high - start, start - low) * share
