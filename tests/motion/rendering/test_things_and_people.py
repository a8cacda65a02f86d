"""Rendered things stand where they should, and people are painted as they are seen from a side."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mmactrep.motion.body import BODY
from mmactrep.motion.rendering import actions, scenes
from mmactrep.motion.rendering.actor import Actor
from mmactrep.motion.rendering.camera import RoomCamera
from mmactrep.motion.rendering.figure import draw_look, figure_shapes
from mmactrep.motion.rendering.painting import Canvas, Solid
from mmactrep.motion.rendering.props import chair, draw_thing
from mmactrep.motion.rendering.room import Screen
from mmactrep.motion.rendering.scenes import RenderSettings, render_clip
from mmactrep.motion.rendering.textures import shade

HIPS = BODY.index('mid_hip')
TINY = RenderSettings(size=(32, 40), oversampling=1, seconds=(1.0, 1.2))


def perform(name: str, seed: int, frames: int = 90, heading: float = 1.2):
    rng = np.random.default_rng(seed)
    actor = Actor.draw(rng, frames, 30.0, (0, 50), heading)
    return actor, actions.ACTIONS[name](actor, rng)


def lowest(shapes) -> float:
    return min(
        float((each.points[:, 1] - (each.radii if isinstance(each, Solid) else 0)).min()) for each in shapes
    )


def test_what_is_picked_up_stood_on_the_floor_or_on_a_table(monkeypatch):
    things = []

    def spy(*args, **kwargs):
        thing, half = draw_thing(*args, **kwargs)
        return lambda at: things.append(thing(at)) or things[-1], half

    monkeypatch.setattr(actions, 'draw_thing', spy)
    floors = 0
    for seed in range(12):
        _, performance = perform('pick_up', seed)
        shapes = performance.shapes(0)
        furniture = shapes[: len(shapes) - len(things[-1])]
        floors += not furniture
        top = max((float(each.points[:, 1].max()) for each in furniture), default=0.0)
        assert lowest(things[-1]) == pytest.approx(top, abs=0.02)
    assert 2 <= floors <= 9


def test_a_chair_is_under_who_sits_and_its_back_behind():
    for seed in range(4):
        _, performance = perform('sit_down', seed)
        hips = performance.joints[-1, HIPS]
        seat = np.concatenate([face.points for face in performance.shapes(0)[:6]])
        assert 0.03 < hips[1] - seat[:, 1].max() < 0.15
        assert np.linalg.norm((seat.mean(axis=0) - hips)[[0, 2]]) < 0.15
    for seed in range(8):
        shapes = chair(np.random.default_rng(seed), np.array([0, 0.45, 0]), 0.0)
        above = [each.points.mean(axis=0)[2] for each in shapes if each.points.mean(axis=0)[1] > 0.5]
        assert all(z < -0.1 for z in above)  # whoever sits looks along +z


def test_a_cupboard_is_behind_its_door_and_the_door_opens_to_the_person():
    doors = 0
    for seed in range(8):
        actor, performance = perform('open', seed)
        first, last = (performance.shapes(frame)[-1] for frame in (0, 89))
        if not isinstance(first, Solid):
            continue
        doors += 1
        handle, opened = first.points[0], last.points[0]
        middle = performance.shadows[0][0]
        assert (middle - handle) @ actor.ahead > 0.1 and (opened - handle) @ actor.ahead < -0.1
    assert doors >= 3


def test_a_cup_goes_with_the_hand():
    actor, performance = perform('drink', 3)
    grip = actor.grip(performance.joints)
    for frame in (0, 30, 60, 89):
        assert np.linalg.norm(performance.shapes(frame)[0].points.mean(axis=0) - grip[frame]) < 0.02


def test_only_bottles_and_cups_are_drunk_from():
    kinds = {
        to_drink: {
            len(draw_thing(np.random.default_rng(seed), 0.0, to_drink)[0](np.zeros(3))) for seed in range(20)
        }
        for to_drink in (False, True)
    }
    assert kinds == {False: {1, 2, 6}, True: {2}}  # a ball, something with a cap, a box


def test_who_enters_has_stopped_at_the_end():
    for seed in range(4):
        _, performance = perform('enter', seed)
        speed = np.linalg.norm(np.diff(performance.joints[:, HIPS][:, [0, 2]], axis=0), axis=1) * 30
        assert speed[:30].mean() > 0.6 and speed[-2:].max() < 0.1


@pytest.mark.parametrize('frames', [25, 60, 110])
def test_motions_are_over_within_the_clip(frames):
    for seed in range(6):
        rng = np.random.default_rng(seed)
        actor = Actor.draw(rng, frames, 25.0, (0, 9), 0.0)
        p = actor.clock(rng, duration=2.6).p[0]
        assert p[0] < 0.06 and p[-1] > 0.94


def test_eyes_and_prints_are_seen_from_the_front_and_hair_from_behind(rng):
    _, performance = perform('wave', 0, heading=0.0)
    joints = performance.joints[0].astype(float)
    look = replace(draw_look(rng), print_size=0.1, trunk_bands=())
    eyes = np.array([25, 20, 20])
    for ahead, seen in ((-1.0, True), (1.0, False)):  # a camera before the person looks to -z
        shapes = figure_shapes(joints, look, 1.75, np.array([0.0, 0.0, ahead]))
        assert sum(np.array_equal(each.color, eyes) for each in shapes) == 2 * seen
        assert any(each.color is look.pattern for each in shapes) == seen
        (hair,) = (each for each in shapes if each.color is look.hair)
        assert (hair.nearer < 0) == seen


def test_sleeves_are_long_or_short(rng):
    _, performance = perform('wave', 0)
    for long in (False, True):
        look = replace(draw_look(rng), long_sleeves=long, long_trousers=long, bands=(), trunk_bands=())
        shapes = figure_shapes(performance.joints[0].astype(float), look, 1.75, np.array([0.0, 0.0, -1.0]))
        # shoulders, trunk and, with long sleeves, forearms; likewise thighs, pelvis and shins
        assert sum(each.color is look.top for each in shapes) == 3 + 2 * long
        assert sum(each.color is look.trousers for each in shapes) == 3 + 2 * long


def test_what_counts_as_nearer_is_painted_later():
    size, at = np.array([0.3]), np.zeros((1, 3))
    red, blue = (
        Solid(at, size, np.array(color), nearer=near)
        for color, near in (((200, 0, 0), 0.1), ((0, 0, 200), 0))
    )
    camera = RoomCamera(np.zeros(3), 0.0, 0.0, 0.0, 4.0, 150.0, (60, 80))
    for shapes in ([red, blue], [blue, red]):
        canvas = Canvas(np.zeros((60, 80, 3), np.uint8), camera)
        canvas.paint(shapes)
        assert canvas.image[30, 40, 0] > 100 > canvas.image[30, 40, 2]


def test_where_rooms_are_shared_people_keep_their_clothes_and_walls_their_color(monkeypatch):
    seen = []
    for name in ('draw_look', 'draw_room'):
        draw = getattr(scenes, name)
        monkeypatch.setattr(scenes, name, lambda *args, draw=draw: seen.append(draw(*args)) or seen[-1])
    shared = replace(TINY, rooms=(3, 4), characters=(7, 8))
    for settings in (shared, replace(shared, rooms=None)):
        seen.clear()
        for seed in range(2):
            render_clip('clap', seed, settings)
        walls, tops = (
            [getattr(each, kind) for each in seen if hasattr(each, kind)] for kind in ('wall', 'top')
        )
        assert np.array_equal(*walls) == np.array_equal(*tops) == (settings is shared)


def test_a_screen_may_go_the_other_way():
    scenery = np.zeros((30, 50, 3), np.uint8)
    scenery[..., 0] = np.arange(50) * 5
    there, back = (Screen((0, 0, 30, 20), scenery, (0.0, speed)) for speed in (10.0, -10.0))
    found = [(int(there.at(t)[0, 0, 0]), int(back.at(t)[0, 0, 0])) for t in (0, 1, 3)]
    assert found == [(0, 150), (50, 100), (150, 0)]


def test_backwards_frames_joints_and_cameras_go_together(monkeypatch):
    settings = replace(TINY, moving=1.0)
    backward = render_clip('put_down', 4, settings)
    monkeypatch.setattr(scenes, '_BACKWARDS', {})
    monkeypatch.setitem(actions.ACTIONS, 'put_down', actions.ACTIONS['pick_up'])
    forward = render_clip('put_down', 4, settings)  # the same draws
    np.testing.assert_array_equal(backward.frames, forward.frames[::-1])
    np.testing.assert_array_equal(backward.joints, forward.joints[::-1])
    assert [each.yaw for each in backward.cameras] == [each.yaw for each in forward.cameras][::-1]
    assert forward.cameras[0].yaw != forward.cameras[-1].yaw


def test_lying_down_takes_its_time():
    clip = render_clip('lie_down', 2, TINY)
    assert len(clip.frames) >= round(3.4 * clip.fps)


def test_shades_stay_colors():
    np.testing.assert_allclose(shade(np.array([0, 100, 255]), 0.5), [0, 50, 127.5])
    np.testing.assert_allclose(shade(np.array([0, 100, 255]), 1.5), [127.5, 177.5, 255])
