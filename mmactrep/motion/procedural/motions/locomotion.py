"""Motions of the legs: walking, jumping, kicking."""

from __future__ import annotations

import numpy as np

from mmactrep.motion.procedural.rig import Rig

from .base import Clock, Value, ballistic, bump, ease, keyed, keyed_path, motion


def _gait_leg(
    phase: np.ndarray, stance: float, reach: Value, lift: Value, kick: Value
) -> dict[str, np.ndarray]:
    """Ankle of one leg over a gait cycle.

    Args:
        phase: Phase of the leg in cycles; the foot lands at 0 and leaves the floor at ``stance``.
        stance: Share of the cycle on the floor.
        reach: Where the foot lands before the body, and leaves it behind, meters.
        lift: Height of the swinging ankle, meters.
        kick: How high the heel goes up behind the body, meters.

    Returns:
        ``fwd``, ``up`` and ``pitch`` of the foot.
    """
    u = phase - np.floor(phase)
    swing = np.clip((u - stance) / (1 - stance), 0, 1)
    on_floor = u < stance
    fwd = np.where(on_floor, reach * (1 - 2 * u / stance), reach * (2 * ease(swing) - 1))
    rise = 0.09 * ease(u, 0.62 * stance, stance)  # the heel leaves the floor before the toes do
    fall = 0.09 * (1 - ease(swing, 0, 0.6))
    up = np.where(on_floor, rise, fall + lift * np.sin(np.pi * swing) ** 2 + kick * bump(swing, 0, 0.35, 0.8))
    pitch = np.where(
        on_floor,
        0.28 * (1 - ease(u, 0, 0.18 * stance)) - 0.6 * ease(u, 0.55 * stance, stance),
        -0.6 - 0.5 * bump(swing, 0, 0.25, 0.6) * (kick > 0) + 0.88 * ease(swing, 0.1, 0.9),
    )
    return dict(fwd=fwd, up=up, pitch=pitch)


def _gait(
    c: Clock,
    rig: Rig,
    frequency: float,
    stride: Value,
    stance: float,
    lift: Value,
    kick: Value,
    flight: Value,
) -> Rig:
    """Legs, pelvis and path of walking or running; arms are the caller's."""
    reach = stride * stance / 2
    velocity = c.env * stride * frequency * c.speed
    yaw = c.env * c.s(1, -0.25, 0.25) * c.t
    x, z = c.travel(velocity, yaw)
    for side, offset in (('r', 0.0), ('l', 0.5)):
        leg = _gait_leg(c.cycle + offset, stance, reach, lift, kick)
        rig = rig.to(
            c.env,
            **{f'foot_{name}_{side}': value for name, value in leg.items()},
            **{f'foot_out_{side}': 0.07, f'foot_yaw_{side}': 0.1},
        )
    forward = np.cos(2 * np.pi * c.cycle)  # 1: right foot ahead
    support = np.cos(2 * np.pi * (c.cycle - stance / 2))  # 1: on the right foot
    return rig.to(
        c.env,
        pelvis_twist=0.12 * forward,
        hip_x=-0.022 * support,
        pelvis_roll=-0.04 * support,
        spine_side=0.04 * support,
        spine_twist=-0.22 * forward,
        lift=flight * np.abs(np.sin(2 * np.pi * (c.cycle - stance / 2))) ** 2,
    ).add(root_x=x, root_z=z, root_yaw=yaw)


@motion('lower', 'cyclic', frequency=0.92)
def walk(c: Clock, rig: Rig) -> Rig:
    """Walk forward, heel to toe, arms swinging against the legs."""
    stride = 1.25 * (0.75 + 0.25 * c.amp) * (1 + 0.12 * c.s(2))
    rig = _gait(c, rig, 0.92, stride, 0.6, 0.05 + 0.02 * c.s(3, 0, 1), 0.06, 0.0)
    rig = rig.to(c.env, hip_drop=0.035, pelvis_pitch=0.03, spine_flex=0.08 + 0.06 * c.s(4))
    swing = (0.17 + 0.06 * c.s(5)) * c.amp
    for side, sign in (('r', -1), ('l', 1)):
        ahead = sign * np.cos(2 * np.pi * c.cycle)
        rig = rig.to(
            c.env,
            **{
                f'hand_fwd_{side}': 0.06 + swing * ahead,
                f'hand_up_{side}': -0.49 + 0.05 * np.maximum(ahead, 0),
                f'hand_out_{side}': 0.07 - 0.03 * ahead,
            },
        )
    return rig


@motion('lower', 'cyclic', frequency=1.35)
def run(c: Clock, rig: Rig) -> Rig:
    """Run forward with a flight between the steps, elbows bent."""
    stride = 2.0 * (0.7 + 0.3 * c.amp) * (1 + 0.15 * c.s(2))
    rig = _gait(c, rig, 1.35, stride, 0.36, 0.16 + 0.06 * c.s(3), 0.3 * c.amp, 0.09 * c.amp)
    rig = rig.to(c.env, hip_drop=0.075, pelvis_pitch=0.12 + 0.05 * c.s(4), spine_flex=0.12, neck_flex=-0.1)
    for side, sign in (('r', -1), ('l', 1)):
        ahead = sign * np.cos(2 * np.pi * c.cycle)
        rig = rig.to(
            c.env,
            **{
                f'hand_fwd_{side}': 0.14 + 0.2 * c.amp * ahead,
                f'hand_up_{side}': -0.27 + 0.12 * ahead,
                f'hand_out_{side}': 0.03 - 0.07 * ahead,
                f'swivel_{side}': 0.35,
            },
        )
    return rig


@motion('lower', 'cyclic', frequency=0.95)
def march(c: Clock, rig: Rig) -> Rig:
    """March on the spot with high knees."""
    for side, offset, sign in (('r', 0.0, -1), ('l', 0.5, 1)):
        u = (c.cycle + offset) % 1.0
        up = ease(u, 0, 0.25) - ease(u, 0.27, 0.5)
        ahead = -sign * np.sin(2 * np.pi * c.cycle)
        rig = rig.to(
            c.env,
            **{
                f'foot_up_{side}': (0.36 + 0.05 * c.s(2)) * c.amp * up,
                f'foot_fwd_{side}': 0.16 * up,
                f'foot_pitch_{side}': -0.35 * up,
                f'foot_out_{side}': 0.09,
                f'hand_out_{side}': 0.08,
                f'hand_fwd_{side}': 0.08 - 0.22 * c.amp * ahead,
                f'hand_up_{side}': -0.45 + 0.06 * np.maximum(-ahead, 0),
            },
        )
    side = np.sin(2 * np.pi * c.cycle)
    return rig.to(c.env, hip_x=0.035 * side, hip_drop=0.02, spine_twist=0.1 * side, spine_flex=0.02)


@motion('lower', 'cyclic', frequency=1.7)
def hop(c: Clock, rig: Rig) -> Rig:
    """Hop on the left leg, the right one held up behind."""
    u = c.cycle % 1.0
    air = ballistic(u, 0.35, 0.9) * (u > 0.35)
    crouch = bump(u, 0.0, 0.18, 0.36) + 0.5 * ease(u, 0.9, 1.0) * (1 - ease(u, 0.999, 1.0))
    forward = c.s(2, 0, 0.5)
    x, z = c.travel(c.env * forward, 0.0)
    rig = rig.to(
        c.env,
        foot_up_r=0.32 + 0.08 * c.s(3),
        foot_fwd_r=-0.2 + 0.2 * c.s(4, 0, 1),
        foot_pitch_r=-0.9,
        foot_out_l=0.02,
        foot_pitch_l=-0.5 * air,
        hip_x=0.02,
        hip_drop=0.05 + 0.11 * crouch,
        lift=0.13 * c.amp * air,
        spine_side=0.08,
        spine_flex=0.16,
    ).add(root_x=x, root_z=z)
    for side in 'rl':
        place = (0.18 + 0.06 * c.s(5), -0.34 + 0.1 * air, 0.12)
        rig = rig.reach(side, c.env, place, swivel=0.7)
    return rig


@motion('whole', 'once', duration=1.5, repeats=True)
def jump(c: Clock, rig: Rig) -> Rig:
    """Crouch, jump up (or forward) with an arm swing, land and straighten."""
    p, amp = c.p, c.amp
    crouch = keyed(p, (0, 0), (0.3, 1), (0.42, 0), (0.64, 0), (0.74, 0.85), (1, 0))
    air = ballistic(p, 0.4, 0.66)
    pointed = ease(p, 0.36, 0.42) - ease(p, 0.58, 0.66)
    rig = rig.add(
        hip_drop=(0.2 + 0.05 * c.s(2)) * crouch * amp + 0.1 * air,
        hip_z=-0.1 * crouch,
        pelvis_pitch=0.4 * crouch,
        spine_flex=0.25 * crouch,
        neck_flex=-0.2 * crouch,
        lift=(0.36 + 0.08 * c.s(3)) * amp * air,
        root_z=c.choice(4, 0.4) * 0.6 * amp * np.clip((p - 0.4) / 0.26, 0, 1),
    )
    for side in 'rl':
        rig = rig.add(**{f'foot_pitch_{side}': -0.8 * pointed})
        swing = keyed_path(
            p,
            (0, (0.08, -0.5, 0.04)),
            (0.25, (0.12, -0.42, -0.24)),
            (0.37, (0.12, -0.3, 0.38)),
            (0.5, (0.1, 0.2 + 0.2 * c.s(5), 0.36)),
            (0.62, (0.2, 0.0, 0.4)),
            (0.76, (0.15, -0.4, 0.12)),
            (1, (0.08, -0.5, 0.04)),
        )
        rig = rig.reach(side, c.held(0.1, 0.15), swing, swivel=0.4)
    return rig


@motion('whole', 'cyclic', frequency=0.9)
def jumping_jack(c: Clock, rig: Rig) -> Rig:
    """Jump the feet apart and together while the arms go up and down sideways."""
    u = c.cycle % 1.0
    apart = ease(u, 0.05, 0.4) - ease(u, 0.55, 0.9)
    air = ballistic(u, 0.08, 0.36) + ballistic(u, 0.58, 0.86)
    angle = 0.2 + (2.55 + 0.2 * c.s(2)) * apart * np.minimum(c.amp, 1.1)
    rig = rig.to(c.env, lift=0.07 * air, hip_drop=0.03 + 0.03 * (1 - air))
    for side in 'rl':
        rig = rig.to(
            c.env,
            **{f'foot_out_{side}': 0.09 + 0.27 * c.amp * apart, f'foot_pitch_{side}': -0.45 * air},
        )
        place = (0.51 * np.sin(angle), -0.51 * np.cos(angle), 0.05)
        rig = rig.reach(side, c.env, place, swivel=0.5)
    return rig


@motion('lower', 'once', duration=1.5, repeats=True)
def kick(c: Clock, rig: Rig) -> Rig:
    """Draw a leg back, kick forward, put it down again."""
    height = (0.42 + 0.22 * c.s(2)) * c.amp
    p = c.p
    rig = rig.add(
        hip_x=0.07 * c.held(0.2, 0.2),
        hip_drop=0.03 * c.held(0.2, 0.2),
        pelvis_pitch=keyed(p, (0, 0), (0.3, 0.12), (0.5, -0.25), (0.65, -0.1), (1, 0)),
        pelvis_twist=keyed(p, (0, 0), (0.3, -0.25), (0.5, 0.25), (1, 0)),
        spine_flex=keyed(p, (0, 0), (0.3, 0.0), (0.5, 0.3), (1, 0)),
        spine_twist=keyed(p, (0, 0), (0.3, 0.25), (0.5, -0.35), (1, 0)),
        foot_fwd_r=keyed(p, (0, 0), (0.3, -0.32), (0.5, 0.62), (0.6, 0.55), (0.82, 0.05), (1, 0)),
        foot_up_r=keyed(p, (0, 0), (0.3, 0.2), (0.5, height), (0.6, 0.85 * height), (0.82, 0.08), (1, 0)),
        foot_pitch_r=keyed(p, (0, 0), (0.3, -0.8), (0.5, 0.2), (0.8, 0), (1, 0)),
    )
    guard = c.choice(3, 0.4)
    for side, back, front in (('r', 0.18, -0.14), ('l', -0.05, 0.26)):
        swing = keyed(p, (0, 0.04), (0.3, back), (0.5, front), (1, 0.04))
        rig = rig.to(
            c.held(0.2, 0.25),
            **{
                f'hand_out_{side}': 0.16 + guard * -0.2,
                f'hand_up_{side}': -0.42 + guard * 0.4,
                f'hand_fwd_{side}': swing * (1 - guard) + 0.24 * guard,
            },
        )
    return rig


@motion('lower', 'once', duration=2.2, repeats=True)
def lunge(c: Clock, rig: Rig) -> Rig:
    """Step forward with one leg, bend both knees, step back."""
    p = c.p
    step = keyed(p, (0, 0), (0.3, 1), (0.68, 1), (0.95, 0))
    low = keyed(p, (0.2, 0), (0.45, 1), (0.6, 1), (0.8, 0)) * c.amp
    length = 0.75 + 0.08 * c.s(2)
    rig = rig.add(
        hip_z=0.52 * length * step,
        hip_drop=0.06 * step + 0.26 * low,
        foot_fwd_r=length * step,
        foot_up_r=0.12 * (bump(p, 0.02, 0.15, 0.3) + bump(p, 0.7, 0.82, 0.95)),
        foot_up_l=0.09 * step,
        foot_pitch_l=-0.75 * step,
        foot_fwd_l=-0.06 * step,
        spine_flex=0.1 * low,
    )
    hips = c.choice(3)
    for side in 'rl':
        place = (0.06, -0.5 + 0.13 * hips, 0.05 - 0.02 * hips)
        rig = rig.reach(side, step * hips, place, swivel=1.2)
    return rig


@motion('lower', 'once', duration=2.0, ends_elsewhere=True)
def turn_around(c: Clock, rig: Rig) -> Rig:
    """Turn to look the other way with small steps; the head goes first."""
    amount = (2.6 + 0.55 * c.s(2)) * np.where(c.choice(3) > 0, 1, -1)
    yaw = ease(c.p, 0.12, 0.92)
    lead = ease(c.p, 0.0, 0.6) - ease(c.p, 0.45, 1.0)
    rig = rig.add(
        root_yaw=amount * yaw,
        neck_twist=np.sign(amount) * 0.7 * lead,
        spine_twist=np.sign(amount) * 0.35 * lead,
        hip_drop=0.02 * lead,
    )
    for k, side in enumerate('rl'):
        step = sum(bump(c.p, s, s + 0.09, s + 0.18) for s in (0.1 + 0.18 * k, 0.46 + 0.18 * k))
        rig = rig.add(**{f'foot_up_{side}': 0.07 * c.amp * step, f'foot_pitch_{side}': -0.25 * step})
    return rig
