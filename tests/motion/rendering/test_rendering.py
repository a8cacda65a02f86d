"""Rendered video: geometry, what happens in each class, and pairs that differ by the direction of time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mmactrep.motion.body import BODY
from mmactrep.motion.cameras import project_from
from mmactrep.motion.rendering.actions import ACTIONS, TIME_PAIRS
from mmactrep.motion.rendering.actor import Actor
from mmactrep.motion.rendering.camera import RoomCamera
from mmactrep.motion.rendering.figure import draw_look, figure_shapes
from mmactrep.motion.rendering.painting import Canvas, Face, Solid, cuboid
from mmactrep.motion.rendering.props import door, fit_hinge
from mmactrep.motion.rendering.room import Screen, draw_room
from mmactrep.motion.rendering.scenes import CLASSES, RenderSettings, render_clip
from mmactrep.motion.rendering.textures import FLOORS, WALLS, noise, picture

SMALL = RenderSettings(size=(48, 64), oversampling=1)
HIPS = BODY.index('mid_hip')


def camera(**changes):
    settings = dict(
        aim=np.array([0.1, 0.9, -0.2]),
        yaw=25.0,
        pitch=8.0,
        roll=3.0,
        distance=4.0,
        focal=150.0,
        size=(120, 160),
    )
    return RoomCamera(**settings | changes)


def test_the_camera_sees_what_the_skeletons_camera_sees(rng):
    points = rng.normal(0, 0.8, (20, 3))
    pixels, depth = camera().project(points)
    flat = project_from(points, camera().aim, 25.0, 8.0, 3.0, distance=4.0)  # meters at the aim
    np.testing.assert_allclose(pixels, flat * 150 / 4 + [80, 60], atol=1e-6)
    local = project_from(points, camera().aim, 25.0, 8.0, 3.0, dims=3)
    np.testing.assert_allclose(depth, local[:, 2] + 4, atol=1e-6)


def test_a_plane_is_mapped_as_its_points_are(rng):
    origin, first, second = np.array([0.5, 0, -1.0]), np.array([0.5, 0, 0]), np.array([0, 0.2, 0.7])
    places = rng.uniform(-1, 1, (10, 2))
    mapped = camera().plane_map(origin, first, second) @ np.stack([*places.T, np.ones(10)])
    pixels, _ = camera().project(origin + places[:, :1] * first + places[:, 1:] * second)
    np.testing.assert_allclose((mapped[:2] / mapped[2]).T, pixels, atol=1e-6)


def painted(shapes):
    canvas = Canvas(np.zeros((120, 160, 3), np.uint8), camera(aim=np.zeros(3), yaw=0.0, pitch=0.0, roll=0.0))
    canvas.paint(shapes)
    return canvas.image


def test_the_nearer_shape_hides_the_farther_whatever_their_order():
    red, blue = np.array([200, 0, 0]), np.array([0, 0, 200])
    near, far = (
        Solid(np.array([[0, 0, z]]), np.array([0.3]), color) for z, color in ((0.5, red), (-0.5, blue))
    )
    for shapes in ([near, far], [far, near]):
        assert painted(shapes)[60, 80, 0] > 100 and painted(shapes)[60, 80, 2] < 60
    wall = Face(np.array([[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0.0]]), np.array([0, 200, 0]))
    image = painted([wall, near, far])
    assert image[60, 80, 0] > 100 and image[60, 100, 1] > 60  # the far ball is behind the wall
    assert image[..., 2].max() < 130


def test_a_ball_has_its_size_and_is_round():
    image = painted([Solid(np.array([[0, 0, 0.0]]), np.array([0.4]), np.array([200, 200, 200]))])
    area = (image[..., 0] > 62).sum()  # half of the rim's tone: what is covered by half or more
    assert area == pytest.approx(np.pi * (0.4 * 150 / 4) ** 2, rel=0.06)  # of a polygon of 14 sides
    assert image[55, 76, 0] > image[70, 86, 0]  # light comes from above left


def test_a_box_is_closed():
    faces = cuboid(np.array([0, 0, 0.0]), (0.4, 0.6, 0.8), 0.7, np.array([9, 9, 9]))
    corners = np.unique(np.round(np.concatenate([face.points for face in faces]), 6), axis=0)
    assert len(faces) == 6 and len(corners) == 8
    np.testing.assert_allclose(np.linalg.norm(corners, axis=1), np.linalg.norm([0.2, 0.3, 0.4]), rtol=1e-5)


def test_textures_are_images(rng):
    for texture in (*WALLS, *FLOORS, picture):
        image = texture(rng, (64, 96))
        assert image.shape == (64, 96, 3) and image.dtype == np.uint8 and image.std() > 1
    values = noise(rng, (40, 60))
    assert values.min() == 0 and values.max() == 1


def test_wall_and_floor_meet_where_they_should(rng):
    room = draw_room(rng, 2.0, moving=False)
    room.wall[:], room.floor[:] = (200, 0, 0), (0, 0, 200)
    at = camera(aim=np.array([0, 0.8, 0]), yaw=0.0, roll=0.0)
    image = room.draw(at, 0.0)
    ((_, row),), _ = at.project(np.array([[0.0, 0.0, -2.0]]))
    assert image[round(row) + 4, 80].tolist() == [0, 0, 200]
    assert image[round(row) - 6, 80].tolist() == [200, 0, 0]


def test_a_screen_goes_to_and_fro():
    scenery = np.zeros((30, 50, 3), np.uint8)
    scenery[..., 0] = np.arange(50) * 5
    screen = Screen((0, 0, 30, 20), scenery, (0.0, 10.0))
    first = [int(screen.at(seconds)[0, 0, 0]) for seconds in (0, 1, 3, 5, 6)]
    assert first == [0, 50, 150, 50, 0]


def perform(name, seed=0, frames=90, heading=1.2):
    rng = np.random.default_rng(seed)
    actor = Actor.draw(rng, frames, 30.0, (0, 50), heading)
    return actor, ACTIONS[name](actor, rng)


@pytest.mark.parametrize('seed', range(4))
def test_what_happens_in_the_actions(seed):
    """The first of each pair, as its name says."""
    actor, entering = perform('enter', seed)
    distance = np.abs(entering.joints[:, HIPS, 0])
    assert distance[0] > 1.5 and distance[-1] < 0.9 and (np.diff(distance[:40]) < 0.01).all()
    actor, sitting = perform('sit_down', seed)
    assert sitting.joints[-1, HIPS, 1] < 0.75 * sitting.joints[0, HIPS, 1]
    actor, lying = perform('lie_down', seed, frames=110)
    height = lying.joints[:, :, 1].max(axis=1)
    assert height[0] > 0.85 * actor.height and height[-1] < 0.45 * actor.height


@pytest.mark.parametrize('seed', range(6))
def test_a_thing_lies_still_and_then_goes_with_the_hand(seed):
    actor, performance = perform('pick_up', seed)
    grip = actor.grip(performance.joints)
    # the thing is the last in the list; its middle is the mean of its points
    middles = np.stack(
        [
            np.mean([shape.points.mean(axis=0) for shape in performance.shapes(t)[-1:]], axis=0)
            for t in range(90)
        ]
    )
    moves = np.linalg.norm(np.diff(middles, axis=0), axis=1)
    start = int(np.argmax(moves > 1e-6))
    assert 5 < start < 85 and (moves[:start] < 1e-9).all()
    assert np.linalg.norm(grip[start] - middles[start], axis=-1) < 0.35
    held = np.linalg.norm(middles[start + 6 :] - grip[start + 6 :], axis=1)
    assert np.ptp(held) < 0.06  # the size of the thing apart, it is where the hand is
    assert middles[-1, 1] > middles[0, 1]


def test_a_hinge_is_found_from_a_path_on_a_circle():
    held = np.zeros(50, bool)
    held[10:40] = True
    angles = np.linspace(0.3, 1.6, 30)
    path = np.full((50, 2), 7.0)
    path[held] = np.stack([0.5 + 0.4 * np.cos(angles), -0.2 + 0.4 * np.sin(angles)], axis=1)
    hinge = fit_hinge(path, held)
    np.testing.assert_allclose(hinge.center, [0.5, -0.2], atol=1e-6)
    assert hinge.radius == pytest.approx(0.4)
    np.testing.assert_allclose(hinge.angles, [*[0.3] * 10, *angles, *[1.6] * 10], atol=1e-6)


@pytest.mark.parametrize('heading', [1.2, -1.2])
@pytest.mark.parametrize('seed', range(6))
def test_the_hand_holds_the_handle_while_the_door_turns(seed, heading):
    actor, performance = perform('open', seed, heading=heading)
    last = [performance.shapes(t)[-1] for t in range(90)]
    door_opens = isinstance(last[0], Solid)
    if door_opens:  # with the hand that is away from the camera
        actor = replace(actor, left_handed=heading > 0)
    grip = actor.grip(performance.joints)
    if not door_opens:  # a lid: the edge away from its hinge
        handles = np.stack([face.points[1:3].mean(axis=0) for face in last])
    else:
        handles = np.stack([solid.points[0] for solid in last])
    turning = np.linalg.norm(np.diff(handles, axis=0), axis=1) > 2e-3
    assert turning.sum() > 8
    apart = np.linalg.norm((handles - grip)[1:][turning], axis=1)
    assert np.median(apart) < 0.1
    assert np.linalg.norm(handles[-1] - handles[0]) > 0.2


def test_a_door_turns_about_its_hinge():
    held = np.ones(3, bool)
    hinge = fit_hinge(np.array([[1.0, 0.0], [0.7071068, 0.7071068], [0.0, 1.0]]), held)
    faces = [door(hinge, frame, (0.2, 1.8, 1.0), np.array([90, 90, 90]))[0] for frame in range(3)]
    for face in faces:
        np.testing.assert_allclose(face.points[0], [0, 0.2, 0], atol=1e-5)
    np.testing.assert_allclose(faces[2].points[1], [0, 0.2, 1.12], atol=1e-5)


def test_a_person_has_a_body_about_the_joints(rng):
    actor, performance = perform('wave')
    joints = performance.joints[0].astype(float)
    shapes = figure_shapes(joints, draw_look(rng), actor.height, np.array([0.0, 0, -1]))
    points = np.concatenate([shape.points for shape in shapes])
    radii = np.concatenate([shape.radii for shape in shapes])
    assert (points[:, 1] - radii).min() > -0.08  # not deep in the floor
    assert actor.height < (points[:, 1] + radii).max() < 1.1 * actor.height + 0.1


def test_a_clip_is_the_same_for_the_same_seed_and_no_other():
    first, again, other = (render_clip('pick_up', (0, 0, seed), SMALL) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first.frames, again.frames)
    assert first.frames.shape[1:] == (48, 64, 3) and first.frames.dtype == np.uint8
    assert 2.7 * first.fps < len(first.frames) < 3.9 * first.fps and first.fps in (25, 30)
    assert len(other.frames) != len(first.frames) or (other.frames != first.frames).mean() > 0.5


@pytest.mark.parametrize(('first', 'second'), TIME_PAIRS)
def test_the_second_of_a_pair_goes_backwards_and_is_a_clip_of_its_own(first, second):
    forward, backward = (render_clip(name, 5, SMALL) for name in (first, second))
    assert not forward.backwards and backward.backwards
    assert len(forward.frames) == len(forward.joints) == len(forward.cameras)

    def change(clip):
        """What grows in the first class of a pair and shrinks in the second."""
        joints = clip.joints
        if first in ('sit_down', 'lie_down'):
            return joints[0, HIPS, 1] - joints[-1, HIPS, 1]
        if first == 'enter':
            return abs(joints[0, HIPS, 0]) - abs(joints[-1, HIPS, 0])
        return None

    if change(forward) is not None:
        assert change(forward) > 0.1 and change(backward) < -0.1
    # the same clip is in neither: not even the same person, room or length
    played = backward.frames[::-1]
    count = min(len(played), len(forward.frames))
    assert np.abs(forward.frames[:count].astype(int) - played[:count]).mean() > 8


def test_the_person_is_seen_where_the_joints_are():
    for seed in range(3):
        settings = RenderSettings(moving=0.0)
        clip = render_clip('jumping_jack', seed, settings)
        changed = clip.frames.astype(int).std(axis=0).mean(axis=-1)
        pixels = np.stack([at.project(joints)[0] for at, joints in zip(clip.cameras, clip.joints)])
        low, high = pixels.min(axis=(0, 1)), pixels.max(axis=(0, 1))
        inside = np.zeros(changed.shape, bool)
        (left, top), (right, bottom) = np.clip(low - 8, 0, None).astype(int), (high + 8).astype(int)
        inside[top:bottom, left:right] = True
        assert changed[inside].mean() > 2.5 * changed[~inside].mean()
        assert changed[~inside].mean() < 6  # the grain alone


def test_a_moving_camera_moves_the_background():
    still, moving = (render_clip('wave', 2, RenderSettings(moving=share)) for share in (0.0, 1.0))
    border = [clip.frames[:, :, :12].astype(int).std(axis=0).mean() for clip in (still, moving)]
    assert border[1] > 1.5 * border[0]
    assert len({id(each) for each in still.cameras}) == 1 or still.cameras[0] == still.cameras[-1]
    assert moving.cameras[0].yaw != moving.cameras[-1].yaw


def test_a_room_may_have_one_camera():
    def cameras(moving, rooms, fixed=True):
        settings = RenderSettings((48, 48), (1.0, 1.0), (25,), moving, rooms=rooms, fixed_cameras=fixed)
        return [render_clip(name, seed, settings).cameras for name, seed in (('wave', 0), ('open', 3))]

    def same(one, other):
        return all(
            np.array_equal(getattr(one, name), getattr(other, name))
            for name in ('aim', 'yaw', 'pitch', 'roll', 'distance', 'focal')
        )

    wave, opened = cameras(0.0, (0, 1))
    assert all(same(wave[0], each) for each in (*wave, *opened)), 'whoever does whatever'
    assert not same(wave[0], cameras(0.0, (1, 2))[0][0]), 'another room'
    free = cameras(0.0, (0, 1), fixed=False)
    assert not same(free[0][0], free[1][0])
    held = cameras(1.0, (0, 1))[0]
    assert not same(held[0], held[-1]) and abs(held[0].yaw - wave[0].yaw) < 10, 'about its place'
    with pytest.raises(ValueError, match='rooms that clips share'):
        cameras(0.0, None)
    # a person of 1.75 m fills 52 to 64 % of the height
    assert 0.52 <= wave[0].focal * 1.75 / wave[0].distance / 48 <= 0.64


def test_every_class_can_be_rendered():
    assert len(CLASSES) == 18 and len(set(CLASSES)) == 18
    for name in CLASSES:
        clip = render_clip(name, 1, RenderSettings(size=(32, 40), oversampling=1, seconds=(1.0, 1.2)))
        assert len(clip.frames) >= 25 and clip.frames.std() > 5
