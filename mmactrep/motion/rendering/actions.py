"""What people do in rendered videos: the body's motion and the things that go with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mmactrep.motion.body import BODY
from mmactrep.motion.procedural.motions.base import MOTIONS, bump, ease, keyed, keyed_path, rest

from .actor import Actor
from .painting import Face, Shape, cuboid
from .props import chair, door, draw_thing, fit_hinge, mat, table
from .textures import draw_color, shade

#: Classes that differ by the direction of time alone: the second of a pair is rendered as the first, from
#: draws of its own, and played backwards.
TIME_PAIRS: tuple[tuple[str, str], ...] = (
    ('enter', 'leave'),
    ('sit_down', 'stand_up'),
    ('pick_up', 'put_down'),
    ('open', 'close'),
    ('lie_down', 'get_up'),
)
#: Classes that do not.
OTHERS = ('wave', 'clap', 'jumping_jack', 'squat', 'punch', 'march', 'drink', 'stir')


@dataclass(frozen=True)
class Performance:
    """What happens in a clip.

    Args:
        joints: (T, J, 3) of ``BODY``, meters.
        shapes: Things by the number of the frame.
        shadows: (n, 3) and (n,) middles and radii of the shadows of furniture.
    """

    joints: np.ndarray
    shapes: Callable[[int], Sequence[Shape]]
    shadows: tuple[np.ndarray, np.ndarray] = (np.zeros((0, 3)), np.zeros(0))


Action = Callable[[Actor, np.random.Generator], Performance]


def _moved(joints: np.ndarray, frame: int, x: float, z: float) -> np.ndarray:
    """Joints shifted so that the hips are over (x, z) in a frame."""
    hips = joints[frame, BODY.index('mid_hip')]
    return joints + np.array([x - hips[0], 0, z - hips[2]], joints.dtype)


def enter(actor: Actor, rng: np.random.Generator) -> Performance:
    """Walk in from the side and stop."""
    spec = MOTIONS['walk']
    until = rng.uniform(0.72, 0.95) * actor.seconds
    clock = actor.clock(rng, frequency=spec.frequency, walks_until=until)
    joints = actor.motion('walk', clock)
    # begins outside the image, as far as the way allows, and ends about the middle
    path = joints[:, BODY.index('mid_hip'), 0]
    way, side = float(abs(path[-1] - path[0])), -np.sign(actor.ahead[0])
    place = np.clip(rng.uniform(2.3, 2.8) - way, -0.6, 0.8)
    joints = _moved(joints, -1, side * place, rng.uniform(-0.4, 0.3))
    return Performance(joints, lambda frame: ())


def sit_down(actor: Actor, rng: np.random.Generator) -> Performance:
    """Sit down on a chair."""
    joints = actor.motion('sit_down', actor.clock(rng, MOTIONS['sit_down'].duration))
    joints = _moved(joints, -1, rng.uniform(-0.3, 0.3), rng.uniform(-0.3, 0.2))
    hips = joints[-1, BODY.index('mid_hip')].astype(float)
    seat = hips - [0, 0.09 * actor.height / 1.75, 0] + 0.06 * actor.ahead
    shapes = chair(rng, seat, actor.heading)
    return Performance(joints, lambda frame: shapes, (seat[None], np.array([0.3])))


def lie_down(actor: Actor, rng: np.random.Generator) -> Performance:
    """Lie down on a mat."""
    joints = actor.motion('lie_down', actor.clock(rng, 3.2))
    joints = _moved(joints, -1, rng.uniform(-0.3, 0.3), rng.uniform(-0.3, 0.2))
    hips = joints[-1, BODY.index('mid_hip')].astype(float)
    shapes = mat(rng, hips, actor.heading)
    return Performance(joints, lambda frame: shapes)


def pick_up(actor: Actor, rng: np.random.Generator) -> Performance:
    """Take something from a table or from the floor and hold it."""
    on_floor = rng.random() < 0.35
    clock = actor.clock(rng, MOTIONS['pick_up'].duration if on_floor else 2.2)
    if on_floor:
        joints, taken = actor.motion('pick_up', clock), 0.46
    else:
        joints, taken = _reach_to_table(actor, clock, rng), 0.42
    joints = _moved(joints, 0, rng.uniform(-0.3, 0.3), rng.uniform(-0.3, 0.2))
    thing, half = draw_thing(rng, actor.heading)
    grip = actor.grip(joints).astype(float)
    at = int(np.argmin(np.abs(clock.p[0] - taken)))
    lies = grip[at].copy()
    furniture: list[Shape] = []
    shadows = (np.zeros((0, 3)), np.zeros(0))
    if on_floor:
        lies[1] = half
    else:
        depth = rng.uniform(0.4, 0.55)
        middle = lies + (0.5 * depth - 0.14) * actor.ahead
        furniture = table(rng, middle, lies[1] - half, actor.heading, depth)
        shadows = (middle[None], np.array([0.45]))
    # the hand comes to the thing, and the thing then stays in the hand
    places = np.where((np.arange(actor.frames) < at)[:, None], lies, grip)
    blend = np.clip((np.arange(actor.frames) - at) / 4, 0, 1)[:, None]
    places = np.where(blend < 1, lies + blend * (grip - lies), places)
    return Performance(joints, lambda frame: [*furniture, *thing(places[frame])], shadows)


def _reach_to_table(actor: Actor, clock, rng: np.random.Generator) -> np.ndarray:
    """The acting hand goes to a place before the body and back to the chest."""
    p, rig = clock.p, rest(clock)
    there = (rng.uniform(-0.05, 0.12), rng.uniform(-0.32, -0.2), rng.uniform(0.38, 0.46))
    carried = (rng.uniform(-0.12, -0.04), rng.uniform(-0.3, -0.16), rng.uniform(0.24, 0.32))
    ready = (0.06, -0.4, 0.18)
    place = keyed_path(p, (0.0, ready), (0.36, there), (0.48, there), (0.85, carried))
    lean = bump(p, 0.08, 0.42, 0.8)
    rig = rig.reach('r', ease(p, 0.02, 0.25), place, swivel=0.35, hand_flex=0.2)
    look = 0.22 * ease(p, 0.0, 0.25)
    return actor.perform(rig.add(spine_flex=rng.uniform(0.12, 0.3) * lean, neck_flex=look))


def open_something(actor: Actor, rng: np.random.Generator) -> Performance:
    """Open the door of a cupboard, or the lid of a chest."""
    clock = actor.clock(rng, 2.6)
    if rng.random() < 0.6:
        # the hand that is away from the camera: its door does not swing before the person
        return _open_door(replace(actor, left_handed=actor.heading > 0), clock, rng)
    return _open_lid(actor, clock, rng)


def _arc(
    p: np.ndarray, hinge: tuple[float, float], radius: float, begin: float, end: float
) -> tuple[np.ndarray, np.ndarray]:
    """A path on a circle: from an angle to another one while p goes from 0.3 to 0.74."""
    angle = np.radians(keyed(p, (0.3, begin), (0.74, end)))
    return hinge[0] + radius * np.cos(angle), hinge[1] + radius * np.sin(angle)


def _open_door(actor: Actor, clock, rng: np.random.Generator) -> Performance:
    p, radius = clock.p, rng.uniform(0.42, 0.52)
    # shoulder's axes: the hinge stands to the acting side; the handle comes from the front to the side
    out, fwd = _arc(p, (0.16 + radius, 0.47), radius, 180, 180 + rng.uniform(60, 78))
    up = rng.uniform(-0.2, 0.05)
    weight = ease(p, 0.02, 0.26) * (1 - ease(p, 0.78, 0.98))
    rig = rest(clock).reach('r', weight, (out, up, fwd), swivel=0.4)
    rig = rig.add(spine_flex=0.08 * bump(p, 0.05, 0.3, 0.6), neck_twist=-0.25 * weight)
    joints = _moved(actor.perform(rig), 0, rng.uniform(-0.35, 0.35), rng.uniform(-0.3, 0.2))
    grip = actor.grip(joints).astype(float)
    hinge = fit_hinge(grip[:, [0, 2]], _held(p))
    handle = float(grip[_held(p), 1].mean())
    heights = (max(handle - rng.uniform(0.5, 1.0), 0.02), handle + rng.uniform(0.25, 0.7), handle)
    color = draw_color(rng, (0.15, 0.7), (0.4, 0.9))
    cupboard = _cupboard(hinge, heights, shade(color, 0.8))

    def shapes(frame: int) -> list[Shape]:
        return [*cupboard, *door(hinge, frame, heights, color)]

    middle = np.mean([face.points.mean(axis=0) for face in cupboard], axis=0)
    return Performance(joints, shapes, (middle[None], np.array([0.4])))


def _cupboard(hinge, heights: Sequence[float], color: np.ndarray) -> list[Shape]:
    """The cupboard behind the closed door, open to the front, dark inside."""
    low, high, _ = heights
    angle, sense = hinge.angles[0], np.sign(hinge.angles[-1] - hinge.angles[0])
    along = np.array([np.cos(angle), 0, np.sin(angle)])
    # away from the side to which the door opens
    back = -sense * np.array([-np.sin(angle), 0, np.cos(angle)])
    width, depth = 1.12 * hinge.radius, 0.35
    start = np.array([hinge.center[0], 0, hinge.center[1]])
    middle = start + 0.5 * width * along + 0.5 * depth * back + [0, (low + high) / 2, 0]
    heading = float(np.arctan2(back[0], back[2]))
    faces = cuboid(middle, (width, high - low, depth), heading, color, nearer=-0.1)
    corners = [
        start + a * width * along + 0.01 * back + [0, b, 0]
        for a, b in ((0, low), (1, low), (1, high), (0, high))
    ]
    return [*faces, Face(np.stack(corners), shade(color, 0.3), nearer=-0.02)]


def _open_lid(actor: Actor, clock, rng: np.random.Generator) -> Performance:
    p, radius = clock.p, rng.uniform(0.26, 0.32)
    level = rng.uniform(-0.36, -0.28)
    fwd, up = _arc(p, (0.22 + radius, level), radius, 180, 180 - rng.uniform(65, 80))
    weight = ease(p, 0.02, 0.26) * (1 - ease(p, 0.78, 0.98))
    rig = rest(clock).reach('r', weight, (0.02, up, fwd), swivel=0.4)
    rig = rig.add(spine_flex=0.15 * weight, neck_flex=0.22 * weight)
    joints = _moved(actor.perform(rig), 0, rng.uniform(-0.3, 0.3), rng.uniform(-0.3, 0.2))
    grip = actor.grip(joints).astype(float)
    along = grip @ actor.ahead
    hinge = fit_hinge(np.stack([along, grip[:, 1]], axis=1), _held(p))
    held = grip[_held(p)].mean(axis=0)
    side = held - (held @ actor.ahead) * actor.ahead
    right = np.cross([0, 1, 0], actor.ahead)
    color, width = draw_color(rng, (0.3, 0.9), (0.35, 0.9)), rng.uniform(0.4, 0.6)
    level, depth = float(hinge.center[1]), hinge.radius

    def at(distance: float, height: float, share: float) -> np.ndarray:
        point = side + distance * actor.ahead + share * width / 2 * right
        return np.array([point[0], height, point[2]])

    front = hinge.center[0] - depth
    box = cuboid(at(front + depth / 2, level - 0.1, 0), (width, 0.2, depth), actor.heading, shade(color, 0.8))
    below = max(level - 0.2, 0.05)
    stand = cuboid(
        at(front + depth / 2, below / 2, 0),
        (width + 0.1, below, depth + 0.08),
        actor.heading,
        draw_color(rng, (0.1, 0.4), (0.3, 0.7)),
    )
    inside = np.stack(
        [at(front + a * depth, level + 0.003, b) for a, b in ((0, -1), (0, 1), (1, 1), (1, -1))]
    )
    fixed = [*stand, *box, Face(inside, shade(color, 0.3), nearer=0.05)]

    def shapes(frame: int) -> list[Shape]:
        angle = hinge.angles[frame]
        edge = hinge.center + depth * np.array([np.cos(angle), np.sin(angle)])
        corners = [at(hinge.center[0], level, -1), at(edge[0], edge[1], -1), at(edge[0], edge[1], 1)]
        lid = np.stack([*corners, at(hinge.center[0], level, 1)])
        return [*fixed, Face(lid, color, nearer=0.06)]

    middle = at(front + depth / 2, 0, 0)
    return Performance(joints, shapes, (middle[None], np.array([0.35])))


def _held(p: np.ndarray) -> np.ndarray:
    """(T,) when the hand holds the handle."""
    return (p[0] >= 0.3) & (p[0] <= 0.76)


def plain(name: str) -> Action:
    """One of the procedural motions, without things."""

    def act(actor: Actor, rng: np.random.Generator) -> Performance:
        spec = MOTIONS[name]
        joints = actor.motion(name, actor.clock(rng, spec.duration, spec.frequency))
        joints = _moved(joints, 0, rng.uniform(-0.3, 0.3), rng.uniform(-0.3, 0.2))
        return Performance(joints, lambda frame: ())

    return act


def with_thing(name: str) -> Action:
    """One of the procedural motions with a thing in the hand."""

    def act(actor: Actor, rng: np.random.Generator) -> Performance:
        performance = plain(name)(actor, rng)
        thing, _ = draw_thing(rng, actor.heading, to_drink=True)
        grip = actor.grip(performance.joints).astype(float)
        return Performance(performance.joints, lambda frame: thing(grip[frame]))

    return act


ACTIONS: dict[str, Action] = dict(
    enter=enter,
    sit_down=sit_down,
    pick_up=pick_up,
    open=open_something,
    lie_down=lie_down,
    **{name: plain(name) for name in OTHERS if name != 'drink'},
    drink=with_thing('drink'),
)
"""Action by the name of its class; of a pair, only the first."""
