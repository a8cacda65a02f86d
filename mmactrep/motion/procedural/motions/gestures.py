"""Gestures and other motions of arms and head."""

from __future__ import annotations

import numpy as np

from mmactrep.motion.procedural.rig import Rig

from .base import Clock, bump, ease, keyed, keyed_path, motion

_REACH_WITH_BOTH = (3, 0.3)


@motion('upper', 'cyclic', frequency=1.7, seated=True)
def wave(c: Clock, rig: Rig) -> Rig:
    """Wave a raised hand from side to side."""
    swing = np.sin(2 * np.pi * c.cycle) * c.amp
    high = c.s(1, 0, 1)
    place = (0.1 + 0.02 * c.s(2) + 0.09 * swing, 0.14 + 0.26 * high - 0.02 * swing**2, 0.16 + 0.05 * c.s(3))
    rig = rig.reach('r', c.env, place, swivel=0.55 + 0.2 * high, hand_flex=-0.1, shrug=0.1 * high)
    return rig.add(spine_side=-0.03 * c.env, neck_side=c.env * 0.05 * c.s(4))


@motion('upper', 'cyclic', frequency=2.1, seated=True)
def clap(c: Clock, rig: Rig) -> Rig:
    """Clap the hands before the chest."""
    apart = 0.5 - 0.5 * np.cos(2 * np.pi * c.cycle)
    up, fwd = -0.15 + 0.09 * c.s(1), 0.31 + 0.04 * c.s(2)
    width = (0.15 + 0.04 * c.s(3)) * c.amp
    for side in 'rl':
        place = (-0.155 + width * apart, up + 0.01 * apart, fwd - 0.03 * apart)
        rig = rig.reach(side, c.env, place, swivel=0.5)
    return rig.add(neck_flex=0.05 * c.env * c.s(4))


@motion('upper', 'once', duration=1.3, repeats=True)
def punch(c: Clock, rig: Rig) -> Rig:
    """From a guard, punch straight ahead and draw the fist back."""
    p = c.p
    guard = (-0.07, 0.0 + 0.04 * c.s(1), 0.2)
    wind = (-0.02, -0.06, 0.1)
    hit = (-0.15, 0.03 + 0.08 * c.s(2), 0.5)
    place = keyed_path(p, (0.15, guard), (0.35, wind), (0.52, hit), (0.6, hit), (0.82, guard))
    held = c.held(0.2, 0.2)
    drive = keyed(p, (0.15, 0), (0.35, -0.5), (0.52, 1), (0.6, 1), (0.85, 0))
    rig = rig.reach('r', held, place, swivel=0.35 + 0.35 * np.maximum(drive, 0))
    rig = rig.reach('l', held, (-0.08, 0.02, 0.2 - 0.03 * drive), swivel=0.35)
    return rig.add(
        spine_twist=(0.35 + 0.1 * c.s(3)) * c.amp * drive,
        neck_twist=-0.3 * drive,
        spine_flex=0.08 * held + 0.05 * drive,
        hip_z=0.05 * drive,
        pelvis_twist=0.12 * drive,
        foot_fwd_l=0.14 * held,
        foot_fwd_r=-0.12 * held,
        hip_drop=0.05 * held,
    )


@motion('upper', 'once', duration=2.2, seated=True, repeats=True)
def point(c: Clock, rig: Rig) -> Rig:
    """Stretch an arm to point ahead, up or aside, look there, lower it."""
    p = c.p
    aside, upward = c.s(1, -0.3, 1.3), c.s(2, -0.25, 0.6)
    length = 0.5
    target = (
        length * np.sin(aside) * np.cos(upward),
        length * np.sin(upward),
        length * np.cos(aside) * np.cos(upward),
    )
    up = keyed(p, (0, 0), (0.35, 1), (0.72, 1), (1, 0))
    rig = rig.reach('r', up, target, swivel=0.25, hand_flex=0.0)
    return rig.add(
        neck_twist=-0.55 * aside * up, neck_flex=-0.25 * upward * up, spine_twist=-0.1 * aside * up
    )


@motion('upper', 'once', duration=2.2, repeats=True)
def push(c: Clock, rig: Rig) -> Rig:
    """Push something heavy away with both hands, leaning into it."""
    p = c.p
    drive = keyed(p, (0.25, 0), (0.62, 1), (0.72, 1), (0.95, 0))
    place = keyed_path(
        p,
        (0.22, (-0.03, -0.08, 0.2)),
        (0.6, (-0.06, -0.02, 0.5)),
        (0.72, (-0.06, -0.02, 0.5)),
        (0.95, (0, -0.2, 0.25)),
    )
    held = c.held(0.2, 0.2)
    for side in 'rl':
        rig = rig.reach(side, held, place, swivel=0.55, hand_flex=-0.5)
    stance = 0.2 * c.amp * held
    return rig.add(
        spine_flex=0.12 * held + 0.08 * drive,
        pelvis_pitch=0.16 * c.amp * drive,
        hip_z=-0.05 * held + 0.2 * c.amp * drive,
        hip_drop=0.06 * held + 0.05 * drive,
        foot_fwd_l=stance + 0.1 * drive,
        foot_fwd_r=-stance,
        foot_pitch_r=-0.35 * drive,
        foot_up_r=0.05 * drive,
    )


@motion('upper', 'once', duration=2.2, repeats=True)
def pull(c: Clock, rig: Rig) -> Rig:
    """Grasp something ahead and pull it in with both hands, leaning back."""
    p = c.p
    drive = keyed(p, (0.28, 0), (0.65, 1), (0.75, 1), (0.95, 0))
    far, near = (-0.1, -0.1 + 0.05 * c.s(1), 0.49), (-0.02, -0.2 + 0.05 * c.s(1), 0.16)
    place = keyed_path(p, (0.05, far), (0.3, far), (0.65, near), (0.75, near), (0.95, (0, -0.3, 0.2)))
    held = c.held(0.25, 0.2)
    for side in 'rl':
        rig = rig.reach(side, held, place, swivel=0.35 + 0.3 * drive)
    return rig.add(
        spine_flex=0.16 * held - 0.22 * drive,
        pelvis_pitch=0.08 * held - 0.2 * c.amp * drive,
        hip_z=0.04 * held - 0.2 * c.amp * drive,
        hip_drop=0.06 * held + 0.07 * drive,
        foot_fwd_l=0.18 * held,
        foot_fwd_r=-0.14 * held,
    )


@motion('upper', 'once', duration=2.6, repeats=True, with_both=_REACH_WITH_BOTH)
def reach_up(c: Clock, rig: Rig) -> Rig:
    """Reach for a high shelf on tiptoe and bring the hand back down."""
    p = c.p
    up = keyed(p, (0, 0), (0.4, 1), (0.58, 1), (0.92, 0))
    tiptoe = c.choice(1, 0.6) * (ease(p, 0.2, 0.4) - ease(p, 0.58, 0.78)) * c.amp
    place = keyed_path(
        p, (0.0, (0.05, -0.42, 0.2)), (0.2, (0.02, -0.1, 0.4)), (0.4, (0.0, 0.46, 0.2 + 0.05 * c.s(2))),
        (0.58, (0.0, 0.46, 0.2 + 0.05 * c.s(2))), (0.78, (-0.03, -0.1, 0.36)), (1, (0.04, -0.4, 0.2)),
    )  # fmt: skip
    rig = rig.reach('r', c.held(0.15, 0.15), place, swivel=0.5 + 0.3 * up, shrug=0.3 * up)
    both = c.choice(*_REACH_WITH_BOTH)
    rig = rig.reach('l', both * c.held(0.15, 0.15), place, swivel=0.5 + 0.3 * up, shrug=0.3 * up)
    rig = rig.add(neck_flex=-0.35 * up, spine_flex=-0.08 * up, spine_side=-0.1 * up * (1 - both))
    for side in 'rl':
        rig = rig.add(**{f'foot_pitch_{side}': -0.5 * tiptoe, f'foot_up_{side}': 0.08 * tiptoe})
    return rig.add(hip_drop=-0.07 * tiptoe)


@motion('upper', 'once', duration=3.4)
def stretch(c: Clock, rig: Rig) -> Rig:
    """Stretch both arms overhead, bend back or to a side, let them sink sideways."""
    p = c.p
    up = keyed(p, (0, 0), (0.32, 1), (0.68, 1), (1, 0))
    raised = (-0.06, 0.5, 0.03)
    place = keyed_path(
        p,
        (0, (0.06, -0.48, 0.08)),
        (0.17, (-0.02, -0.05, 0.42)),
        (0.34, raised),
        (0.66, raised),
        (0.84, (0.5, 0.0, 0.03)),
        (1, (0.1, -0.48, 0.04)),
    )
    for side in 'rl':
        rig = rig.reach(side, c.held(0.1, 0.12), place, swivel=0.9, shrug=0.35 * up)
    sideways = c.s(1) * c.choice(2, 0.6)
    lean = bump(p, 0.3, 0.48, 0.7)
    return rig.add(
        spine_side=0.45 * sideways * lean * c.amp,
        spine_flex=-0.22 * lean * c.amp * (1 - np.abs(sideways)) - 0.06 * up,
        neck_flex=-0.2 * up,
        pelvis_roll=-0.08 * sideways * lean,
    )


@motion('upper', 'cyclic', frequency=0.8)
def arm_circles(c: Clock, rig: Rig) -> Rig:
    """Swing straight arms in big circles."""
    backward = 1 - 2 * c.choice(1)
    for side, shift in (('r', 0.0), ('l', 0.5)):
        angle = 2 * np.pi * (backward * c.cycle + shift * c.choice(2, 0.4))
        place = (
            0.13 + 0.1 * np.sin(angle) ** 2 * (np.sin(angle) < 0),
            -0.49 * np.cos(angle),
            0.49 * np.sin(angle),
        )
        behind = np.maximum(-np.sin(angle), 0)
        rig = rig.reach(
            side, c.env, (place[0] + 0.15 * behind, place[1], place[2] * (1 - 0.2 * behind)), swivel=0.7
        )
    return rig.add(spine_flex=-0.05 * c.env)


@motion('upper', 'cyclic', frequency=0.95, seated=True)
def nod(c: Clock, rig: Rig) -> Rig:
    """Nod the head."""
    return rig.add(
        neck_flex=c.env * (0.3 + 0.06 * c.s(1)) * c.amp * np.sin(2 * np.pi * c.cycle),
        spine_flex=c.env * 0.02 * np.sin(2 * np.pi * c.cycle),
    )


@motion('upper', 'cyclic', frequency=1.05, seated=True)
def shake_head(c: Clock, rig: Rig) -> Rig:
    """Shake the head."""
    return rig.add(
        neck_twist=c.env * (0.6 + 0.1 * c.s(1)) * c.amp * np.sin(2 * np.pi * c.cycle),
        neck_side=c.env * 0.04 * np.sin(2 * np.pi * c.cycle + 0.8),
        spine_twist=c.env * 0.04 * np.sin(2 * np.pi * c.cycle),
    )


@motion('upper', 'once', duration=1.8, seated=True, repeats=True)
def shrug(c: Clock, rig: Rig) -> Rig:
    """Raise the shoulders, turn the palms out, let them drop."""
    up = keyed(c.p, (0, 0), (0.3, 1), (0.55, 1), (0.85, 0))
    hands = c.choice(1, 0.75)
    for side in 'rl':
        rig = rig.reach(side, up * hands, (0.17, -0.28, 0.28 + 0.05 * c.s(2)), swivel=0.1, hand_twist=-1.2)
        rig = rig.add(**{f'shrug_{side}': (0.3 + 0.04 * c.s(3)) * c.amp * up})
    return rig.add(neck_side=0.14 * up * c.s(4), neck_flex=0.05 * up)


@motion('upper', 'once', duration=2.0, seated=True, repeats=True)
def salute(c: Clock, rig: Rig) -> Rig:
    """Bring a hand to the brow, hold it, and snap it down."""
    p = c.p
    up = keyed(p, (0, 0), (0.3, 1), (0.72, 1), (0.92, 0))
    place = keyed_path(
        p,
        (0, (0.1, -0.4, 0.15)),
        (0.15, (0.16, -0.1, 0.3)),
        (0.3, (-0.01, 0.2, 0.16)),
        (0.72, (-0.01, 0.2, 0.16)),
        (1, (0.1, -0.4, 0.15)),
    )
    rig = rig.reach('r', up, place, swivel=1.35 + 0.1 * c.s(1), hand_flex=0.0)
    return rig.add(spine_flex=-0.05 * up, neck_flex=-0.05 * up)


@motion('upper', 'once', duration=2.6, seated=True, repeats=True)
def fold_arms(c: Clock, rig: Rig) -> Rig:
    """Cross the arms before the chest and let them go again."""
    p = c.p
    held = ease(p, 0, 0.3) - ease(p, 0.78, 1)
    rig = rig.reach('r', held, (-0.22, -0.17, 0.18), swivel=0.55 + 0.1 * c.s(1))
    return rig.reach('l', ease(p, 0.06, 0.36) - ease(p, 0.74, 0.96), (-0.2, -0.23, 0.21), swivel=0.55)


@motion('upper', 'cyclic', frequency=0.0)
def stand(c: Clock, rig: Rig) -> Rig:
    """Stand (or sit) at ease: no action."""
    return rig


@motion('upper', 'once', duration=2.4, repeats=True)
def side_raise(c: Clock, rig: Rig) -> Rig:
    """Raise both straight arms sideways to the shoulders' height and lower them."""
    up = keyed(c.p, (0, 0), (0.42, 1), (0.55, 1), (1, 0))
    angle = 0.15 + (1.45 + 0.1 * c.s(1)) * np.minimum(c.amp, 1.1) * up
    for side in 'rl':
        place = (0.51 * np.sin(angle), -0.51 * np.cos(angle), 0.06)
        rig = rig.reach(side, c.held(0.12, 0.12), place, swivel=0.4)
    return rig
