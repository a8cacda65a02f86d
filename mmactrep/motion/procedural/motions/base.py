"""What all procedural motions share: the clock, easing, the resting body and the register of motions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from mmactrep.motion.procedural.rig import CHANNELS, Rig

NUM_STYLE = 24
_SWAY = 12
Value = np.ndarray | float
MotionFunction = Callable[['Clock', Rig], Rig]


@dataclass(frozen=True)
class Motion:
    """A named motion and how it is timed.

    Args:
        name: Name, which is the class name too.
        function: Pure function from (clock, resting rig) to rig.
        part: Body part that it drives: 'upper', 'lower' or 'whole'. An upper- and a lower-body motion
            can be composed.
        kind: 'once' (has a beginning and an end: ``clock.p``) or 'cyclic' (continues: ``clock.cycle``,
            ``clock.env``).
        duration: Length of a 'once' motion at speed 1, seconds.
        frequency: Cycles per second of a 'cyclic' motion at speed 1.
        seated: Can be done on a chair.
        repeats: May start again when it is over.
        ends_elsewhere: Ends in a different posture from the one it started in.
        with_both: Personal variation and share of the performers, see :meth:`Clock.choice`, who do with both
            hands what the others do with one; None if nobody does.
    """

    name: str
    function: MotionFunction
    part: str
    kind: str
    duration: float = 2.0
    frequency: float = 1.0
    seated: bool = False
    repeats: bool = False
    ends_elsewhere: bool = False
    with_both: tuple[int, float] | None = None

    def takes_both(self, style: np.ndarray) -> np.ndarray:
        """(N,) whether performers of a style (N, NUM_STYLE) do with both hands what others do with one."""
        if self.with_both is None:
            return np.zeros(len(style), bool)
        return chosen(style, *self.with_both)[:, 0]


MOTIONS: dict[str, Motion] = {}
"""All motions by name."""


def motion(part: str, kind: str, **timing) -> Callable[[MotionFunction], MotionFunction]:
    """Register a function as the motion of its name; arguments as in :class:`Motion`."""
    if part not in ('upper', 'lower', 'whole') or kind not in ('once', 'cyclic'):
        raise ValueError(
            f"a motion is 'upper', 'lower' or 'whole', 'once' or 'cyclic', got {part!r}, {kind!r}"
        )

    def register(function: MotionFunction) -> MotionFunction:
        MOTIONS[function.__name__] = Motion(function.__name__, function, part, kind, **timing)
        return function

    return register


@dataclass
class Clock:
    """Where N clips are in their motions, and how each performer does it.

    Args:
        t: (N, T) seconds since the clip's first frame.
        p: (N, T) progress of a 'once' motion, from 0 to 1.
        cycle: (N, T) phase of a 'cyclic' motion, in cycles.
        env: (N, T) 0 at rest, 1 while a 'cyclic' motion is going on, eased.
        amp: (N, 1) amplitude, around 1.
        speed: (N, 1) speed, around 1.
        seated: (N, 1) 1 if the performer sits.
        repeat: (N, 1) 1 if a 'once' motion starts again when it is over: then it must end as it began.
        style: (N, NUM_STYLE) personal variation in [-1, 1], read by :meth:`s`.
        dt: Seconds per frame.
    """

    t: np.ndarray
    p: np.ndarray
    cycle: np.ndarray
    env: np.ndarray
    amp: np.ndarray
    speed: np.ndarray
    seated: np.ndarray
    repeat: np.ndarray
    style: np.ndarray
    dt: float

    def s(self, k: int, low: float = -1.0, high: float = 1.0) -> np.ndarray:
        """Personal variation k (0 to 11 are the motion's own, the rest the body's), (N, 1)."""
        return (low + high) / 2 + (high - low) / 2 * self.style[:, k : k + 1]

    def choice(self, k: int, share: float = 0.5) -> np.ndarray:
        """1.0 for that share of the performers, else 0.0, from personal variation k; (N, 1)."""
        return chosen(self.style, k, share).astype(np.float32)

    def wave(self, frequency: Value, phase: Value = 0.0) -> np.ndarray:
        """A sine of the clip's time that scales with the performer's speed, (N, T)."""
        return np.sin(2 * np.pi * (frequency * self.speed * self.t + phase + 0.5 * self.s(0)))

    def held(self, rise: float = 0.18, fall: float = 0.18) -> np.ndarray:
        """1 in the middle of a 'once' motion, eased in and out at its ends, (N, T)."""
        return ease(self.p, 0, rise) - ease(self.p, 1 - fall, 1)

    def travel(self, velocity: Value, yaw: Value) -> tuple[np.ndarray, np.ndarray]:
        """Path (x, z), (N, T) each, of a forward velocity (m/s) along a heading."""
        shape = self.t.shape
        velocity, yaw = np.broadcast_to(velocity, shape), np.broadcast_to(yaw, shape)
        return tuple(np.cumsum(velocity * part, axis=1) * self.dt for part in (np.sin(yaw), np.cos(yaw)))


def chosen(style: np.ndarray, k: int, share: float) -> np.ndarray:
    """(N, 1) True for that share of the performers, by personal variation k of a style (N, NUM_STYLE)."""
    return style[:, k : k + 1] < 2 * share - 1


def ease(x: np.ndarray, start: Value = 0.0, end: Value = 1.0) -> np.ndarray:
    """Smooth step from 0 at ``start`` to 1 at ``end``, at rest at both."""
    x = np.clip((x - start) / (end - start), 0, 1)
    return x * x * x * (x * (6 * x - 15) + 10)


def keyed(p: np.ndarray, *keys: tuple) -> np.ndarray:
    """Key poses, eased between.

    Args:
        p: (N, T) progress.
        *keys: (time, value) in order of time; value a number or (N, 1).

    Returns:
        (N, T).
    """
    value = keys[0][1] + np.zeros_like(p)
    for (start, before), (end, after) in pairwise(keys):
        value = value + (after - before) * ease(p, start, end)
    return value


def keyed_path(p: np.ndarray, *keys: tuple) -> tuple[np.ndarray, ...]:
    """:func:`keyed` for each coordinate of (time, (out, up, fwd)) keys."""
    return tuple(keyed(p, *((time, place[axis]) for time, place in keys)) for axis in range(3))


def bump(p: np.ndarray, start: Value, top: Value, end: Value) -> np.ndarray:
    """0, up to 1 at ``top``, back to 0 at ``end``."""
    return ease(p, start, top) - ease(p, top, end)


def ballistic(p: np.ndarray, start: Value, end: Value) -> np.ndarray:
    """Height of a throw from ``start`` to ``end``: 0, 1 in the middle, 0."""
    u = np.clip((p - start) / (end - start), 0, 1)
    return 4 * u * (1 - u)


def hanging(pitch: Value, length: Value = 0.5) -> tuple[Value, Value, Value]:
    """Position of a hand that hangs straight down from a trunk leaning forward by ``pitch``."""
    return 0.0, -np.cos(pitch) * length, np.sin(pitch) * length


def rest(c: Clock) -> Rig:
    """The body at ease, standing or sitting, breathing and swaying: what every motion starts from."""
    zero = np.zeros_like(c.t)
    rig = Rig(dict.fromkeys(CHANNELS, zero))
    slow = [
        np.sin(2 * np.pi * ((0.12 + 0.05 * k) * (1 + 0.3 * c.s(_SWAY + k)) * c.t + 7.3 * c.s(_SWAY + k)))
        for k in range(4)
    ]
    breath = np.sin(2 * np.pi * (0.28 * c.t + 3.1 * c.s(_SWAY + 1)))
    rig = rig.add(
        hip_drop=0.012,
        hip_x=0.018 * slow[0],
        hip_z=0.008 * slow[1],
        pelvis_roll=0.02 * slow[0],
        spine_flex=0.06 + 0.08 * c.s(_SWAY + 4) + 0.015 * breath,
        spine_side=0.02 * slow[2] - 0.02 * slow[0],
        spine_twist=0.04 * slow[3] + 0.08 * c.s(_SWAY + 5),
        neck_flex=0.05 * slow[1] + 0.12 * c.s(_SWAY + 6),
        neck_twist=0.15 * slow[2] + 0.15 * c.s(_SWAY + 7),
        neck_side=0.03 * slow[3],
    )
    for k, side in enumerate('rl'):
        rig = rig.add(
            **{
                f'foot_out_{side}': 0.11 + 0.04 * c.s(_SWAY + 8),
                f'foot_fwd_{side}': 0.03 * c.s(_SWAY + 9) * (1 if side == 'r' else -1),
                f'foot_yaw_{side}': 0.15 + 0.1 * c.s(_SWAY + 10),
                f'hand_out_{side}': 0.08 + 0.03 * c.s(_SWAY + 8) + 0.01 * slow[k + 2],
                f'hand_up_{side}': -0.505 + 0.004 * breath,
                f'hand_fwd_{side}': 0.04 + 0.02 * slow[k] + 0.03 * c.s(_SWAY + 4),
                f'hand_flex_{side}': 0.15 + 0 * c.t,
                f'hand_twist_{side}': 0.3 + 0 * c.t,
                f'swivel_{side}': 0.35 + 0.25 * c.s(_SWAY + 10),
                f'shrug_{side}': 0.015 * breath,
            }
        )
    # Habits of idle hands: hanging, folded before the belly, on the hip.
    habit = c.s(_SWAY + 11, 0, 1)
    folded, hip = (habit > 0.8) * 1.0, (habit < 0.1) * 1.0
    rig = rig.to(folded, hand_out_l=-0.11, hand_up_l=-0.33, hand_fwd_l=0.2, swivel_l=0.4)
    rig = rig.to(hip, hand_out_l=0.06, hand_up_l=-0.38, hand_fwd_l=0.03, swivel_l=1.3)
    return sit(rig, c.seated, c)


def sit(rig: Rig, weight: Value, c: Clock) -> Rig:
    """Lower a standing body onto a chair behind its feet, by a weight of 0 to 1."""
    depth = 0.4 + 0.05 * c.s(_SWAY + 9)
    rig = rig.to(
        weight,
        hip_drop=0.42 + 0.03 * c.s(_SWAY + 8),
        hip_z=-depth,
        pelvis_pitch=-0.08,
        spine_flex=0.16 + 0.1 * c.s(_SWAY + 4),
        foot_fwd_r=0.04 * c.s(_SWAY + 10),
        foot_fwd_l=-0.04 * c.s(_SWAY + 10),
    )
    for side in 'rl':
        rig = rig.to(
            weight,
            **{
                f'hand_out_{side}': 0.0 + 0.04 * c.s(_SWAY + 6),
                f'hand_up_{side}': -0.36,
                f'hand_fwd_{side}': 0.27 + 0.05 * c.s(_SWAY + 5),
                f'swivel_{side}': 0.35,
                f'foot_out_{side}': 0.13,
            },
        )
    return rig
