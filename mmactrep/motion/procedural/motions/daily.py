"""Upper-body motions of daily living: drinking, eating, phoning and motions easily mistaken for them."""

from __future__ import annotations

import numpy as np

from mmactrep.motion.procedural.rig import Rig

from .base import Clock, Value, bump, ease, keyed, keyed_path, motion

# Wrist positions relative to the shoulder (out, up, fwd) that touch the head of the reference body.
_MOUTH = (-0.12, 0.055, 0.2)
_EAR = (-0.03, 0.055, 0.14)
_HAIR = (-0.06, 0.22, 0.13)
_CUP_IN_BOTH = (0, 0.12)


def _near(place: tuple[float, float, float], c: Clock, first: int, spread: float = 0.02) -> tuple[Value, ...]:
    """A position with personal variation, from three style numbers."""
    return tuple(value + spread * c.s(first + k) for k, value in enumerate(place))


def _hold_object(rig: Rig, c: Clock, weight: Value, k: int) -> Rig:
    """The other hand holds a plate, a phone or nothing."""
    return rig.reach('l', weight * c.choice(k, 0.35), (-0.1, -0.27, 0.27), swivel=0.35)


@motion('upper', 'once', duration=3.2, seated=True, repeats=True, with_both=_CUP_IN_BOTH)
def drink(c: Clock, rig: Rig) -> Rig:
    """Take a cup from the table or at the waist, raise it to the mouth, tilt, swallow, lower it."""
    p = c.p
    # the cup stands on a table; is in the hand from the start
    table, carried = c.choice(1, 0.35), c.choice(9, 0.5)
    keeps = c.choice(11, 0.35) * (1 - c.repeat)  # drinks on until the clip ends
    table = table * (1 - carried)
    waist = (-0.07 + 0.06 * c.s(2), -0.25 + 0.05 * c.s(3), 0.27 + 0.04 * c.s(4))
    far = _near((0.0, -0.22, 0.43), c, 2, 0.04)
    start = tuple(a + table * (b - a) for a, b in zip(waist, far))
    mouth = _near(_MOUTH, c, 5, 0.012)
    tipped = (mouth[0] + 0.01, mouth[1] + 0.045, mouth[2] - 0.01)
    # The cup goes up in an arc: first drawn in, then up.
    halfway = tuple(0.5 * (a + b) + d for a, b, d in zip(start, mouth, (0.04, -0.04, 0.02)))
    begin, up = 0.18 + 0.06 * c.s(8), 0.42 + 0.05 * c.s(9)
    down = 0.7 + 0.07 * c.s(10) + keeps
    place = keyed_path(
        p,
        (0.0, start),
        (begin, start),
        (0.5 * (begin + up), halfway),
        (up, mouth),
        (up + 0.12, tipped),
        (down - 0.04, tipped),
        (down + 0.05, mouth),
        (down + 0.2, start),
    )
    at_mouth = ease(p, begin + 0.05, up) - ease(p, down, down + 0.14)
    tilt = ease(p, up - 0.02, up + 0.14) - ease(p, down - 0.04, down + 0.1)
    sips = 0.015 * np.sin(2 * np.pi * 1.1 * c.t + 6 * c.s(11)) * tilt
    taken = np.maximum(carried, ease(p, 0, 0.16) - ease(p, 0.86 + keeps, 1 + keeps))
    rig = rig.reach(
        'r',
        taken,
        (place[0], place[1] + sips, place[2]),
        swivel=0.15 + c.s(4, -0.15, 0.45) * at_mouth + c.s(3, 0.0, 0.35) * tilt,
        hand_twist=0.9,
        hand_flex=0.1 + 0.25 * tilt,
        shrug=0.06 * at_mouth,
    )
    look = ease(p, 0.0, 0.12) - ease(p, begin, up)
    rig = rig.add(
        neck_flex=0.16 * look - c.s(7, 0.06, 0.36) * c.amp * tilt,
        neck_twist=-0.08 * at_mouth,
        spine_flex=0.14 * table * look - 0.05 * tilt,
    )
    # The other hand: helps with a bowl or a mug, only supports the cup while it is low, or does nothing.
    both = c.choice(*_CUP_IN_BOTH)
    rig = rig.reach('l', both * taken, place, swivel=0.4)
    supports = carried * c.choice(6, 0.4) * (1 - at_mouth) * (1 - both)
    return rig.reach('l', supports, (-0.24 - waist[0], waist[1] - 0.03, waist[2]), swivel=0.35)


@motion('upper', 'cyclic', frequency=0.55, seated=True)
def eat(c: Clock, rig: Rig) -> Rig:
    """Bring bite after bite from a plate to the mouth, bent a little over it."""
    u = c.cycle % 1.0
    plate = _near((-0.06, -0.25, 0.34), c, 2, 0.05)
    mouth = _near((_MOUTH[0], _MOUTH[1] - 0.03, _MOUTH[2]), c, 5, 0.015)
    place = keyed_path(u, (0.08, plate), (0.42, mouth), (0.55, mouth), (0.88, plate))
    up = ease(u, 0.1, 0.42) - ease(u, 0.55, 0.86)
    dig = 0.03 * np.sin(8 * np.pi * u) * (1 - ease(u, 0.0, 0.12) + ease(u, 0.88, 1.0))
    rig = rig.reach(
        'r',
        c.env,
        (place[0] + dig, place[1], place[2]),
        swivel=0.3 + c.s(4, -0.1, 0.5) * up,
        hand_flex=0.3,
        hand_twist=0.9,
    )
    rig = _hold_object(rig, c, c.env, 8)
    chew = 0.025 * c.wave(1.4) * (1 - up)
    return rig.add(
        spine_flex=c.env * (0.1 + 0.06 * c.s(9) + 0.06 * up), neck_flex=c.env * (0.16 - 0.06 * up + chew)
    )


@motion('upper', 'cyclic', frequency=2.6, seated=True)
def brush_teeth(c: Clock, rig: Rig) -> Rig:
    """Brush the teeth: the hand before the mouth goes quickly to and fro, elbow raised."""
    stroke = np.sin(2 * np.pi * c.cycle) * c.amp
    upward = c.choice(1, 0.4)
    rest_place = _near((_MOUTH[0] + 0.03, _MOUTH[1] - 0.01, _MOUTH[2] - 0.01), c, 2, 0.02)
    place = (
        rest_place[0] + 0.035 * stroke * (1 - 0.6 * upward),
        rest_place[1] + 0.03 * stroke * upward,
        rest_place[2] + 0.012 * stroke,
    )
    rig = rig.reach('r', c.env, place, swivel=c.s(5, 0.5, 1.1) + 0.06 * stroke, hand_flex=0.3, hand_twist=1.0)
    return rig.add(
        neck_flex=0.12 * c.env,
        neck_twist=c.env * (0.1 * c.wave(0.2) + 0.02 * stroke),
        spine_flex=0.06 * c.env,
    )


@motion('upper', 'cyclic', frequency=0.75, seated=True)
def comb_hair(c: Clock, rig: Rig) -> Rig:
    """Draw a comb from the forehead over the head to the back, again and again."""
    u = c.cycle % 1.0
    reach_back = 0.8 + 0.2 * np.minimum(c.amp, 1.2)
    front = _near((-0.08, 0.27, 0.17), c, 2)
    top = _near((-0.03, 0.32, 0.04), c, 2)
    back = (front[0] + 0.1, front[1] - 0.07, 0.02 - 0.07 * reach_back)
    off = _near((0.06, 0.26, 0.16), c, 2)
    place = keyed_path(u, (0, front), (0.25, top), (0.5, back), (0.75, off), (1.0, front))
    rig = rig.reach('r', c.env, place, swivel=1.25 + 0.15 * c.s(5), hand_flex=0.4)
    return rig.add(
        neck_side=c.env * (0.1 + 0.06 * c.s(6)),
        neck_flex=c.env * 0.06,
        neck_twist=-0.12 * c.env,
        shrug_r=0.15 * c.env,
    )


@motion('upper', 'cyclic', frequency=0.5, seated=True)
def phone_call(c: Clock, rig: Rig) -> Rig:
    """Hold a phone to the ear and talk, the other hand gesturing now and then."""
    place = tuple(value + 0.008 * c.wave(0.35, 0.2 * k) for k, value in enumerate(_near(_EAR, c, 2)))
    rig = rig.reach('r', c.env, place, swivel=c.s(5, 0.0, 0.55), hand_flex=0.1, shrug=0.05)
    gesture = c.env * c.choice(6, 0.4) * np.maximum(c.wave(0.3), 0)
    rig = rig.reach('l', gesture, (0.1, -0.3 + 0.06 * c.wave(1.1), 0.26), swivel=0.35)
    return rig.add(
        neck_side=c.env * (0.1 + 0.06 * c.s(7)),
        neck_flex=c.env * (0.08 * c.s(8) + 0.05 * c.wave(0.9)),
        neck_twist=c.env * 0.2 * c.wave(0.17),
    )


@motion('upper', 'cyclic', frequency=0.8, seated=True)
def use_phone(c: Clock, rig: Rig) -> Rig:
    """Look at a phone or tablet in one hand and swipe and tap with the other."""
    held = tuple(
        value + 0.006 * c.wave(0.3, 0.3 * k) for k, value in enumerate(_near((-0.1, -0.17, 0.27), c, 2))
    )
    rig = rig.reach('l', c.env, held, swivel=0.3)
    u = c.cycle % 1.0
    swipe = keyed_path(
        u,
        (0, (-0.03, -0.04, 0.0)),
        (0.2, (-0.05, 0.03, 0.03)),
        (0.45, (-0.05, -0.05, 0.03)),
        (0.8, (-0.03, -0.04, 0.0)),
    )
    place = tuple(a + 0.8 * c.amp * b for a, b in zip(_near((-0.08, -0.19, 0.26), c, 2), swipe))
    rig = rig.reach('r', c.env, place, swivel=0.35)
    return rig.add(neck_flex=c.env * (0.42 + 0.1 * c.s(5)), spine_flex=c.env * (0.08 + 0.08 * c.s(6)))


@motion('upper', 'cyclic', frequency=0.35, seated=True)
def read(c: Clock, rig: Rig) -> Rig:
    """Hold a book open in both hands, follow the lines with the head, turn a page."""
    base = _near((-0.04, -0.2, 0.31), c, 2, 0.03)
    u = c.cycle % 1.0
    turning = bump(u, 0.55, 0.72, 0.95)
    for side in 'rl':
        offset = (-0.2 * turning, 0.07 * turning, 0.03 * turning) if side == 'r' else (0.0, 0.0, 0.0)
        place = tuple(a + b + 0.004 * c.wave(0.3, 0.2 * k) for k, (a, b) in enumerate(zip(base, offset)))
        rig = rig.reach(side, c.env, place, swivel=0.35)
    lines = 0.1 * c.wave(0.6)
    return rig.add(
        neck_flex=c.env * (0.33 + 0.08 * c.s(5)), neck_twist=c.env * lines, spine_flex=c.env * 0.06
    )


@motion('upper', 'once', duration=2.4, seated=True, repeats=True)
def check_watch(c: Clock, rig: Rig) -> Rig:
    """Raise a forearm across the body and look at the wrist."""
    p = c.p
    up = keyed(p, (0, 0), (0.32, 1), (0.7, 1), (1, 0))
    rig = rig.reach('r', up, _near((-0.14, -0.09, 0.26), c, 2), swivel=0.95 + 0.1 * c.s(5), hand_twist=1.2)
    sleeve = up * c.choice(6, 0.5) * bump(p, 0.25, 0.45, 0.8)
    rig = rig.reach('l', sleeve, (-0.14, -0.13, 0.27), swivel=0.5)
    look = ease(p, 0.1, 0.35) - ease(p, 0.68, 0.9)
    return rig.add(neck_flex=(0.35 + 0.08 * c.s(7)) * look, neck_twist=-0.12 * look)


@motion('upper', 'cyclic', frequency=1.3, seated=True)
def stir(c: Clock, rig: Rig) -> Rig:
    """Stir in a pot or a bowl that the other hand holds."""
    angle = 2 * np.pi * c.cycle
    radius = (0.055 + 0.02 * c.s(1)) * c.amp
    center = _near((-0.07, -0.22, 0.33), c, 2, 0.03)
    place = (
        center[0] + radius * np.cos(angle),
        center[1] + 0.01 * np.sin(2 * angle),
        center[2] + radius * np.sin(angle),
    )
    rig = rig.reach('r', c.env, place, swivel=0.55 + 0.1 * np.cos(angle), hand_flex=0.4)
    rig = rig.reach('l', c.env * c.choice(5, 0.75), (-0.06, -0.29, 0.32), swivel=0.35)
    return rig.add(
        neck_flex=c.env * 0.28,
        spine_flex=c.env * (0.1 + 0.06 * c.s(6)),
        spine_side=c.env * 0.02 * np.sin(angle),
    )


@motion('upper', 'cyclic', frequency=1.6)
def wash_hands(c: Clock, rig: Rig) -> Rig:
    """Rub the hands over one another before the belly."""
    stroke = np.sin(2 * np.pi * c.cycle) * c.amp
    center = _near((-0.14, -0.26, 0.31), c, 2, 0.025)
    for side, sign in (('r', 1), ('l', -1)):
        place = (
            center[0] + 0.012 * sign * stroke,
            center[1] + 0.015 * sign,
            center[2] + 0.04 * sign * stroke,
        )
        rig = rig.reach(side, c.env, place, swivel=0.5 + 0.05 * sign * stroke, hand_flex=0.3)
    return rig.add(neck_flex=c.env * 0.33, spine_flex=c.env * (0.14 + 0.05 * c.s(6)))
