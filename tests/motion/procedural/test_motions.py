"""What every motion must look like, measured on bodies in space."""

import numpy as np
import pytest

from mmactrep.motion.body import ANGLE_INDEX, BODY, JOINTS
from mmactrep.motion.procedural.motions.base import MOTIONS
from tests.helpers.procedural_motion import film

J = {name: BODY.index(name) for name in BODY.joints}
NAMES = sorted(set(MOTIONS) - {'stand'})


def test_there_are_enough_motions_and_of_all_parts():
    assert len(NAMES) >= 24
    assert {
        'walk',
        'run',
        'jump',
        'sit_down',
        'stand_up',
        'drink',
        'wave',
        'kick',
        'punch',
        'bend',
        'squat',
        'clap',
        'throw',
    } <= set(NAMES)
    assert {spec.part for spec in MOTIONS.values()} == {'upper', 'lower', 'whole'}


@pytest.mark.parametrize('name', NAMES)
def test_bones_keep_their_length_and_joints_their_limits(name):
    positions, info = film(name, n=8)
    bones = [i for i, joint in enumerate(JOINTS) if joint.parent]
    parents = [J[JOINTS[i].parent] for i in bones]
    lengths = np.linalg.norm(positions[:, :, bones] - positions[:, :, parents], axis=-1)
    expected = np.linalg.norm(info['offsets'][:, bones], axis=-1)
    np.testing.assert_allclose(lengths, np.broadcast_to(expected[:, None], lengths.shape), atol=3e-6)
    for side in ('left', 'right'):
        knee = info['angles'][..., ANGLE_INDEX[f'{side}_shin_x']]
        elbow = -info['angles'][..., ANGLE_INDEX[f'{side}_forearm_x']]
        assert knee.min() >= 0 and knee.max() <= np.radians(150)
        assert elbow.min() >= 0 and elbow.max() <= np.radians(150)
        ankle = info['angles'][..., ANGLE_INDEX[f'{side}_foot_x']]
        assert np.abs(ankle).max() <= 1.0 + 1e-6


@pytest.mark.parametrize('name', NAMES)
def test_nothing_sinks_into_the_floor_or_jerks(name):
    positions, _ = film(name, n=8)
    assert np.isfinite(positions).all()
    assert positions[..., 1].min() > -1e-4
    # 20 frames a second: no joint of a human moves a meter in a frame, and joints do not teleport
    step = np.linalg.norm(np.diff(positions, axis=1), axis=-1)
    assert step.max() < 0.75
    # against the pelvis, two frames in a row do not differ by more than a fast punch
    local = positions - positions[:, :, [J['mid_hip']]]
    jolt = np.linalg.norm(np.diff(local, n=2, axis=1), axis=-1)
    assert jolt.max() < 0.5


@pytest.mark.parametrize('name', NAMES)
def test_hands_stay_out_of_the_trunk(name):
    positions, _ = film(name, n=8)
    hips = positions[:, :, J['mid_hip']]
    spine = positions[:, :, J['neck']] - hips
    for side in ('left', 'right'):
        hand = positions[:, :, J[f'{side}_wrist']] - hips
        along = (hand * spine).sum(-1) / (spine * spine).sum(-1)
        away = np.linalg.norm(hand - along[..., None] * spine, axis=-1)
        inside = (along > 0.15) & (along < 0.9) & (away < 0.05)
        assert not inside.any()


def _forward(positions: np.ndarray) -> np.ndarray:
    """Horizontal unit vector that the pelvis faces, from its hips alone."""
    across = positions[:, :, J['left_hip']] - positions[:, :, J['right_hip']]
    facing = np.stack([-across[..., 2], np.zeros_like(across[..., 0]), across[..., 0]], axis=-1)
    return facing / np.linalg.norm(facing, axis=-1, keepdims=True)


@pytest.mark.parametrize('name, low, high', [('walk', 0.5, 2.2), ('run', 1.2, 5.5)])
def test_gait_goes_where_the_body_faces(name, low, high):
    positions, _ = film(name)
    velocity = np.diff(positions[:, :, J['mid_hip']], axis=1) * 20
    ahead = (velocity * _forward(positions)[:, 1:]).sum(-1)[:, 20:]
    assert (low < ahead.mean(axis=1)).all() and (ahead.mean(axis=1) < high).all()
    # the nose is in front of the neck
    looks = ((positions[:, :, J['nose']] - positions[:, :, J['neck']]) * _forward(positions)).sum(-1)
    assert looks.mean() > 0.05


def test_walking_feet_stand_still_on_the_floor_and_alternate():
    positions, info = film('walk', style=np.zeros(24))
    scale = np.linalg.norm(info['offsets'][:, J['left_knee']], axis=-1)[:, None]
    slides = []
    for side in ('left', 'right'):
        foot = positions[:, 20:, J[f'{side}_foot']]
        heel = positions[:, 20:, J[f'{side}_heel']]
        flat = (foot[..., 1] < 0.02) & (heel[..., 1] < 0.02)
        step = np.linalg.norm(np.diff(foot[..., [0, 2]], axis=1), axis=-1)
        slides.append(np.median((step / scale)[flat[:, 1:] & flat[:, :-1]]))
        assert 0.15 < flat.mean() < 0.7
    assert max(slides) < 0.05  # shanks a frame; the body goes ten times that
    apart = positions[:, 20:, J['left_ankle'], 2] - positions[:, 20:, J['right_ankle'], 2]
    changes = np.diff(np.sign(apart), axis=1) != 0
    assert (changes.sum(axis=1) >= 4).all()


def test_running_has_flight_and_walking_has_not():
    run, walk = film('run')[0], film('walk')[0]
    feet = [J[f'{s}_{p}'] for s in ('left', 'right') for p in ('foot', 'heel')]
    assert (run[:, 20:, feet, 1].min(axis=2) > 0.03).mean() > 0.2
    assert (walk[:, 20:, feet, 1].min(axis=2) < 0.01).mean() > 0.99


@pytest.mark.parametrize('name, least', [('jump', 0.15), ('hop', 0.07), ('jumping_jack', 0.03)])
def test_jumps_leave_the_floor_and_land(name, least):
    positions, _ = film(name, amplitude=1.0)
    lowest = positions[..., 1].min(axis=-1)
    assert (lowest.max(axis=1) > least).all()
    assert (lowest.min(axis=1) < 0.01).all()


def test_drinking_brings_the_hand_to_the_mouth_and_back():
    positions, info = film('drink')
    mouth = (positions[:, :, J['left_mouth']] + positions[:, :, J['right_mouth']]) / 2
    wrist = positions[:, :, J['right_wrist']]
    distance = np.linalg.norm(wrist - mouth, axis=-1)
    assert (distance.min(axis=1) < 0.2).all()  # a hand's breadth and a cup from the wrist
    assert np.median(distance.min(axis=1)) < 0.16
    at_mouth = distance < distance.min(axis=1, keepdims=True) + 0.06
    assert (at_mouth.sum(axis=1) >= 10).all()  # held for half a second and more
    start = wrist[:, 0, 1] - positions[:, 0, J['right_shoulder'], 1]
    assert (start < -0.1).all()  # from below
    # the elbow stays below the eyes and is strongly bent at the mouth
    elbow = -info['angles'][..., ANGLE_INDEX['right_forearm_x']]
    assert (np.take_along_axis(elbow, distance.argmin(axis=1)[:, None], 1) > np.radians(90)).all()


@pytest.mark.parametrize(
    'name, place, limit',
    [
        ('phone_call', 'right_ear', 0.22),
        ('eat', 'right_mouth', 0.22),
        ('brush_teeth', 'right_mouth', 0.2),
        ('salute', 'right_eye', 0.25),
    ],
)
def test_hands_get_to_the_head(name, place, limit):
    positions, _ = film(name)
    distance = np.linalg.norm(positions[:, :, J['right_wrist']] - positions[:, :, J[place]], axis=-1)
    assert (distance.min(axis=1) < limit).all()


def test_sitting_down_lowers_the_hips_to_a_chair_and_standing_up_raises_them():
    down, info = film('sit_down')
    legs = np.linalg.norm(info['offsets'][:, [J['left_knee'], J['left_ankle']]], axis=-1).sum(axis=1)
    height = down[:, :, J['mid_hip'], 1] / legs[:, None]
    assert (height[:, 0] > 1.0).all() and ((height[:, -1] > 0.4) & (height[:, -1] < 0.75)).all()
    thigh = down[:, -1, J['left_knee']] - down[:, -1, J['left_hip']]
    assert (np.abs(thigh[:, 1]) < 0.35 * np.linalg.norm(thigh, axis=-1)).all()  # about level
    up = film('stand_up')[0][:, :, J['mid_hip'], 1] / legs[:, None]
    assert (up[:, 0] < 0.75).all() and (up[:, -1] > 1.0).all()


def test_lying_is_low_and_level():
    positions, _ = film('lie_down', frames=110)
    assert (positions[:, -1, :, 1].max(axis=1) < 0.5).all()
    assert (positions[:, 0, J['head'], 1] > 1.0).all()
    fallen, _ = film('fall')
    assert (fallen[:, -1, J['head'], 1] < 0.45).all()


def test_claps_meet_and_kicks_rise_and_picks_reach_down():
    clap, _ = film('clap')
    gap = np.linalg.norm(clap[:, :, J['left_wrist']] - clap[:, :, J['right_wrist']], axis=-1)
    assert (gap.min(axis=1) < 0.16).all() and (gap.max(axis=1) > gap.min(axis=1) + 0.1).all()
    kick, _ = film('kick')
    assert (kick[:, :, J['right_ankle'], 1].max(axis=1) > 0.15).all()
    assert (kick[:, :, J['left_heel'], 1].max(axis=1) < 0.06).all()
    pick, _ = film('pick_up')
    assert (pick[:, :, J['right_hand_tip'], 1].min(axis=1) < 0.32).all()


def test_head_motions_move_the_head_the_right_way():
    nod, shake = film('nod')[0], film('shake_head')[0]
    for positions, axis, other in ((nod, 1, 0), (shake, 0, 1)):
        nose = positions[:, :, J['nose']] - positions[:, :, J['neck']]
        assert (nose[..., axis].std(axis=1) > 1.5 * nose[..., other].std(axis=1)).all()


def test_turning_around_ends_facing_the_other_way():
    positions, _ = film('turn_around')
    facing = _forward(positions)
    assert ((facing[:, 0] * facing[:, -1]).sum(-1) < -0.3).all()


@pytest.mark.parametrize(
    'name',
    [n for n in NAMES if MOTIONS[n].kind == 'once' and not MOTIONS[n].ends_elsewhere and MOTIONS[n].repeats],
)
def test_what_may_repeat_ends_as_it_began(name):
    style = np.random.default_rng(0).uniform(-1, 1, (8, 24)).astype(np.float32)
    first, _ = film(name, n=8, frames=2, repeat=1, style=style)
    last, _ = film(name, n=8, frames=2, repeat=1, style=style, onset=-MOTIONS[name].duration * 0.99999)
    local = [p - p[:, :, [J['mid_hip']]] for p in (first, last)]
    assert np.abs(local[0][:, 0] - local[1][:, 0]).max() < 0.02


@pytest.mark.parametrize('name', [n for n in NAMES if MOTIONS[n].seated])
def test_seated_motions_stay_on_the_chair(name):
    positions, info = film(name, n=8, seated=1)
    legs = np.linalg.norm(info['offsets'][:, [J['left_knee'], J['left_ankle']]], axis=-1).sum(axis=1)
    height = positions[:, :, J['mid_hip'], 1] / legs[:, None]
    assert ((height > 0.4) & (height < 0.75)).all()


def test_motions_differ_from_standing():
    """A motion moves the body more than idling does."""
    idle = film('stand', n=8)[0]
    idle = (idle - idle[:, :, [J['mid_hip']]]).std(axis=1).mean()
    for name in NAMES:
        positions = film(name, n=8, amplitude=1.0)[0]
        moved = (positions - positions[:, :, [J['mid_hip']]]).std(axis=1)
        assert moved.max() > 4 * idle or name in ('phone_call', 'read', 'use_phone'), name
