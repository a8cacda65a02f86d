"""Motions of the whole body: changes of posture, bending, lifting, falling."""

from __future__ import annotations

import numpy as np

from mmactrep.motion.procedural.rig import Rig

from .base import Clock, bump, ease, hanging, keyed, keyed_path, motion, sit


@motion('whole', 'once', duration=2.2, ends_elsewhere=True)
def sit_down(c: Clock, rig: Rig) -> Rig:
    """Sit down on a chair: lean forward, lower the hips, lean back, hands on the thighs."""
    down = ease(c.p, 0.12, 0.72)
    glance = bump(c.p, 0.0, 0.15, 0.35)
    lean = keyed(c.p, (0.05, 0), (0.42, 1), (0.62, 0.8), (0.95, 0))
    rig = sit(rig, down, c)
    return rig.add(
        spine_flex=(0.3 + 0.1 * c.s(2)) * lean,
        pelvis_pitch=0.45 * lean * c.amp,
        neck_flex=-0.25 * lean,
        neck_twist=0.6 * c.s(3) * glance,
        hand_fwd_r=0.08 * lean,
        hand_fwd_l=0.08 * lean,
    )


@motion('whole', 'once', duration=2.0, ends_elsewhere=True)
def stand_up(c: Clock, rig: Rig) -> Rig:
    """Stand up from a chair: hands on the thighs, lean far forward, push up, straighten."""
    up = ease(c.p, 0.28, 0.85)
    lean = keyed(c.p, (0.02, 0), (0.35, 1), (0.5, 0.9), (0.95, 0))
    rig = sit(rig, 1 - up, c)
    pull_in = keyed(c.p, (0, 0.0), (0.2, -0.08), (1, 0.0))
    return rig.add(
        spine_flex=(0.34 + 0.1 * c.s(2)) * lean,
        pelvis_pitch=0.55 * lean * c.amp,
        neck_flex=-0.3 * lean,
        foot_fwd_r=pull_in * (1 - up),
        foot_fwd_l=pull_in * (1 - up) * 0.6,
        hand_fwd_r=0.1 * lean,
        hand_fwd_l=0.1 * lean,
    )


@motion('lower', 'once', duration=2.2, repeats=True)
def squat(c: Clock, rig: Rig) -> Rig:
    """Squat with the arms stretched forward for balance, and rise."""
    low = keyed(c.p, (0, 0), (0.42, 1), (0.55, 1), (0.95, 0))
    depth = low * np.minimum(c.amp, 1.15)
    rig = rig.add(
        hip_drop=(0.42 + 0.05 * c.s(2)) * depth,
        hip_z=-0.2 * depth,
        pelvis_pitch=0.5 * depth,
        spine_flex=0.12 * depth,
        neck_flex=-0.35 * depth,
    )
    for side in 'rl':
        rig = rig.to(low, **{f'foot_out_{side}': 0.19, f'foot_yaw_{side}': 0.4})
        forward = c.choice(3, 0.7)
        place = (-0.02 - 0.1 * (1 - forward), -0.15 + 0.25 * forward, 0.2 + 0.28 * forward)
        rig = rig.reach(side, low, place, swivel=0.3)
    return rig


@motion('whole', 'once', duration=2.6, repeats=True)
def bend(c: Clock, rig: Rig) -> Rig:
    """Bend forward with nearly straight legs until the hands hang before the feet."""
    low = keyed(c.p, (0, 0), (0.42, 1), (0.6, 1), (0.95, 0))
    pitch = (0.85 + 0.1 * c.s(2)) * c.amp * low
    flex = (0.6 + 0.15 * c.s(3)) * c.amp * low
    rig = rig.add(
        pelvis_pitch=pitch, spine_flex=flex, hip_z=-0.16 * low, hip_drop=0.03 * low, neck_flex=0.1 * low
    )
    for side in 'rl':
        rig = rig.reach(side, low, hanging(pitch + flex, 0.52), swivel=0.3)
    return rig


@motion('whole', 'once', duration=2.4, repeats=True)
def bow(c: Clock, rig: Rig) -> Rig:
    """Bow politely: the trunk leans from the hips, head down, hands stay at the thighs."""
    low = keyed(c.p, (0, 0), (0.35, 1), (0.6, 1), (0.95, 0))
    pitch = (0.5 + 0.2 * c.s(2)) * c.amp * low
    rig = rig.add(pelvis_pitch=pitch, spine_flex=0.25 * low, hip_z=-0.1 * low, neck_flex=0.3 * low)
    joined = c.choice(3, 0.4)
    for side in 'rl':
        out, up, fwd = hanging(0.35 * low, 0.49)
        place = (out + 0.05 - 0.16 * joined, up + 0.03 * joined, fwd + 0.1 * joined)
        rig = rig.reach(side, low, place, swivel=0.3 + 0.5 * joined)
    return rig


@motion('whole', 'once', duration=3.0)
def pick_up(c: Clock, rig: Rig) -> Rig:
    """Crouch, take something from the floor, rise and hold it before the body."""
    p = c.p
    low = keyed(p, (0.02, 0), (0.38, 1), (0.48, 1), (0.82, 0))
    squatting = c.s(2, 0.35, 1)
    drop, pitch, flex = 0.4 * squatting * low, (0.85 - 0.3 * squatting) * low, (0.7 - 0.1 * squatting) * low
    rig = rig.add(
        hip_drop=drop,
        hip_z=-(0.14 + 0.06 * squatting) * low,
        pelvis_pitch=pitch,
        spine_flex=flex,
        neck_flex=0.12 * low,
        spine_twist=0.12 * low,
        foot_fwd_r=0.12 * low * c.choice(3),
    )
    target = hanging(pitch + flex, 0.5)
    carried = (-0.06, -0.28 + 0.06 * c.s(4), 0.3)
    lifted = ease(p, 0.5, 0.85)
    place = tuple(a + (b - a) * lifted for a, b in zip(target, carried))
    rig = rig.reach('r', ease(p, 0.03, 0.3), place, swivel=0.35)
    both = c.choice(5, 0.4)
    knee = (0.02, -0.38, 0.28)
    rig = rig.reach('l', low * (1 - both), knee, swivel=0.5)
    return rig.reach('l', both * ease(p, 0.05, 0.32), place, swivel=0.35)


@motion('whole', 'once', duration=4.0, ends_elsewhere=True)
def lie_down(c: Clock, rig: Rig) -> Rig:
    """Lower the body to the floor, sit, lean back on the hands, lie on the back."""
    p = c.p
    support = bump(p, 0.12, 0.45, 0.8)
    rig = rig.to(
        ease(p, 0, 0.3),
        hip_drop=keyed(p, (0, 0.012), (0.45, 0.8), (1, 0.82)),
        hip_z=keyed(p, (0, 0), (0.45, -0.42), (1, -0.46)),
        pelvis_pitch=keyed(p, (0, 0), (0.24, 0.3), (0.48, -0.25), (0.88, -1.5)),
        pelvis_roll=0.0,
        spine_flex=keyed(p, (0, 0.1), (0.26, 0.5), (0.5, 0.55), (0.88, 0.02)),
        spine_twist=0.0,
        neck_flex=keyed(p, (0, 0), (0.5, 0.2), (0.8, 0.35), (1, 0.05)),
        foot_fwd_r=keyed(p, (0.3, 0.02), (0.5, 0.08), (0.95, 0.39)),
        foot_fwd_l=keyed(p, (0.35, 0.0), (0.55, 0.1), (1.0, 0.38 - 0.15 * c.choice(2, 0.4))),
        foot_pitch_r=keyed(p, (0.6, 0), (0.95, 1.1)),
        foot_pitch_l=keyed(p, (0.6, 0), (1.0, 1.1 - 1.1 * c.choice(2, 0.4))),
    )
    for side in 'rl':
        place = keyed_path(
            p,
            (0, (0.08, -0.5, 0.04)),
            (0.22, (0.1, -0.38, 0.3)),
            (0.5, (0.16, -0.42, -0.2)),
            (0.66, (0.18, -0.4, -0.14)),
            (0.95, (0.14 + 0.03 * c.s(3), -0.49, 0.02)),
        )
        rig = rig.reach(side, ease(p, 0.02, 0.2), place, swivel=0.4 + 0.4 * support)
    return rig


@motion('whole', 'once', duration=1.7, ends_elsewhere=True)
def fall(c: Clock, rig: Rig) -> Rig:
    """Lose balance and fall, forward onto hands and chest or backward onto the back."""
    q = np.clip((c.p - 0.12) / 0.6, 0, 1)
    drop = np.where(q < 1, q**2.0, 1.0)  # gravity: slow at first, then not
    forward = _fall_forward(c, rig, drop)
    backward = _fall_backward(c, rig, drop)
    onward = c.choice(2, 0.5)
    return Rig({name: forward[name] * onward + backward[name] * (1 - onward) for name in rig})


def _fall_forward(c: Clock, rig: Rig, drop: np.ndarray) -> Rig:
    knees = ease(drop, 0.0, 0.6)
    rig = rig.to(
        ease(drop, 0, 0.15),
        hip_drop=keyed(drop, (0, 0.012), (0.55, 0.36), (1, 0.8)),
        hip_z=keyed(drop, (0, 0), (0.5, 0.2), (1, 0.5)),
        pelvis_pitch=keyed(drop, (0, 0), (0.5, 0.35), (1, 1.5)),
        spine_flex=keyed(drop, (0, 0.1), (0.5, 0.35), (1, -0.1)),
        neck_flex=keyed(drop, (0, 0), (0.5, -0.3), (0.9, -0.4), (1, -0.15)),
        neck_twist=keyed(drop, (0.4, 0), (1, 0.5 * c.s(3))),
        spine_twist=0.0,
        pelvis_roll=0.0,
        foot_fwd_r=-0.2 * knees - 0.12 * ease(drop, 0.5, 1),
        foot_fwd_l=-0.1 * knees - 0.25 * ease(drop, 0.5, 1),
        foot_up_r=0.02 * knees,
        foot_pitch_r=-1.1 * knees,
        foot_pitch_l=-0.9 * knees,
    )
    for side, late in (('r', 0.0), ('l', 0.06)):
        place = keyed_path(
            drop + late,
            (0, (0.1, -0.48, 0.06)),
            (0.35, (0.12, -0.05, 0.44)),
            (0.8, (0.14, -0.02, 0.42)),
            (1, (0.24 + 0.05 * c.s(4), 0.16, 0.08)),
        )
        rig = rig.reach(side, ease(drop, 0, 0.3), place, swivel=0.9)
    return rig


def _fall_backward(c: Clock, rig: Rig, drop: np.ndarray) -> Rig:
    rig = rig.to(
        ease(drop, 0, 0.15),
        hip_drop=keyed(drop, (0, 0.012), (0.55, 0.45), (0.9, 0.82)),
        hip_z=keyed(drop, (0, 0), (0.5, -0.4), (1, -0.62)),
        pelvis_pitch=keyed(drop, (0, 0), (0.45, -0.3), (1, -1.5)),
        spine_flex=keyed(drop, (0, 0.1), (0.5, 0.5), (1, 0.0)),
        neck_flex=keyed(drop, (0, 0), (0.5, 0.4), (1, 0.1)),
        spine_twist=0.0,
        pelvis_roll=0.0,
        foot_up_r=0.3 * bump(drop, 0.3, 0.6, 1.0),
        foot_fwd_r=keyed(drop, (0.2, 0), (0.6, 0.3), (1, 0.2)),
        foot_fwd_l=keyed(drop, (0.3, 0), (0.7, 0.1), (1, 0.12)),
        foot_pitch_r=ease(drop, 0.5, 1) * 0.9,
    )
    for side, late in (('r', 0.0), ('l', 0.08)):
        place = keyed_path(
            drop + late,
            (0, (0.1, -0.48, 0.06)),
            (0.35, (0.3, 0.1, 0.36)),
            (0.75, (0.3, -0.25, -0.05)),
            (1, (0.36 + 0.05 * c.s(4), -0.2 + 0.2 * c.s(5), 0.0)),
        )
        rig = rig.reach(side, ease(drop, 0, 0.3), place, swivel=0.8)
    return rig


@motion('whole', 'once', duration=2.6, ends_elsewhere=True)
def kneel(c: Clock, rig: Rig) -> Rig:
    """Step back with one leg and kneel on it."""
    p = c.p
    step = ease(p, 0.02, 0.4)
    low = ease(p, 0.3, 0.85)
    rig = rig.add(
        hip_drop=0.08 * step + 0.36 * low,
        hip_z=-0.12 * step - 0.06 * low,
        foot_fwd_r=-0.3 * step - 0.2 * low,
        foot_up_r=0.1 * bump(p, 0.02, 0.2, 0.4) + 0.08 * step - 0.02 * low,
        foot_pitch_r=-0.9 * step - 0.2 * low,
        foot_fwd_l=0.14 * step,
        pelvis_pitch=0.12 * bump(p, 0.2, 0.55, 0.95),
        spine_flex=(0.15 + 0.1 * c.s(2)) * bump(p, 0.2, 0.5, 0.95) + 0.06 * low,
        neck_flex=0.2 * low * c.choice(4),
    )
    for side, fwd in (('r', 0.24), ('l', 0.3)):
        rig = rig.reach(side, low * (1 - 0.8 * c.choice(3, 0.3)), (-0.02, -0.38, fwd), swivel=0.4)
    return rig


@motion('whole', 'cyclic', frequency=0.65)
def sweep(c: Clock, rig: Rig) -> Rig:
    """Sweep the floor with a broom held in both hands."""
    turn = np.sin(2 * np.pi * c.cycle)
    bend_over = 0.35 + 0.12 * c.s(2)
    x, z = c.travel(c.env * c.s(3, 0, 0.25), 0.0)
    rig = rig.to(
        c.env,
        pelvis_pitch=0.4 * bend_over,
        spine_flex=0.1 + 0.6 * bend_over,
        spine_twist=0.3 * turn * c.amp,
        pelvis_twist=0.1 * turn * c.amp,
        neck_flex=0.25,
        hip_x=0.03 * turn,
        hip_drop=0.05,
        foot_fwd_r=-0.12,
        foot_fwd_l=0.16,
    ).add(root_x=x, root_z=z)
    # One stick in two hands: the upper hand stays before the chest, the lower one draws it.
    lower = (-0.12 - 0.13 * turn * c.amp, -0.4 + 0.03 * np.cos(4 * np.pi * c.cycle), 0.24)
    upper = (-0.08 + 0.05 * turn * c.amp, -0.18, 0.27)
    rig = rig.reach('r', c.env, lower, swivel=0.4)
    return rig.reach('l', c.env, upper, swivel=0.8)


@motion('whole', 'once', duration=1.8, repeats=True)
def throw(c: Clock, rig: Rig) -> Rig:
    """Wind up with the hand behind the head, step in, throw, follow through."""
    p = c.p
    wind = keyed(p, (0, 0), (0.38, 1), (0.55, -0.6), (0.7, -0.7), (1, 0))
    step = ease(p, 0.22, 0.46) - ease(p, 0.8, 1)
    rig = rig.add(
        spine_twist=-0.45 * wind * c.amp,
        pelvis_twist=-0.25 * wind,
        spine_flex=-0.12 * np.maximum(wind, 0) + 0.3 * np.maximum(-wind, 0) * c.amp,
        neck_twist=0.5 * np.maximum(wind, 0),
        hip_z=-0.08 * np.maximum(wind, 0) + 0.18 * step,
        hip_drop=0.03 + 0.05 * step - 0.03 * (1 - c.held(0.2, 0.2)),
        foot_fwd_l=0.4 * step * c.amp,
        foot_up_l=0.12 * bump(p, 0.2, 0.34, 0.48),
        foot_pitch_r=-0.5 * ease(p, 0.44, 0.56) + 0.5 * ease(p, 0.75, 0.95),
        foot_up_r=0.07 * (ease(p, 0.44, 0.56) - ease(p, 0.75, 0.95)),
    )
    place = keyed_path(
        p,
        (0, (0.02, -0.35, 0.25)),
        (0.15, (0.22, -0.36, 0.12)),
        (0.27, (0.38, -0.1, -0.04)),
        (0.39, (0.27 + 0.05 * c.s(2), 0.2, -0.1)),
        (0.48, (0.16, 0.36, 0.1)),
        (0.56, (-0.02, 0.2, 0.46)),
        (0.68, (-0.22, -0.3, 0.3)),
        (1, (0.04, -0.48, 0.12)),
    )
    rig = rig.reach(
        'r', c.held(0.12, 0.2), place, swivel=keyed(p, (0.24, 0.3), (0.42, 1.3), (0.6, 0.8), (0.8, 0.3))
    )
    other = keyed_path(
        p,
        (0, (0.05, -0.45, 0.1)),
        (0.36, (0.0, 0.05, 0.42)),
        (0.58, (0.12, -0.35, -0.05)),
        (1, (0.08, -0.48, 0.05)),
    )
    return rig.reach('l', c.held(0.15, 0.2) * 0.9, other, swivel=0.5)
