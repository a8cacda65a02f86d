import numpy as np
import pytest

from mmactrep.motion.body import BODY, REST_OFFSETS, forward_kinematics, place
from mmactrep.motion.procedural.rig import (
    ANKLE_HEIGHT,
    CHANNELS,
    HIP_HEIGHT,
    Rig,
    combine_rigs,
    mirror_rig,
    solve,
)


def _rig(**values) -> Rig:
    rig = Rig({name: np.zeros((1, 1)) for name in CHANNELS})
    rig |= {f'hand_up_{s}': np.full((1, 1), -0.45) for s in 'rl'}
    rig |= {f'foot_out_{s}': np.full((1, 1), 0.11) for s in 'rl'}
    return Rig(rig | {name: np.full((1, 1), value) for name, value in values.items()})


def _joints(rig: Rig) -> dict[str, np.ndarray]:
    animation = solve(rig)
    positions = place(forward_kinematics(animation.angles), animation.root)
    return dict(zip(BODY.joints, positions[0, 0]))


@pytest.mark.parametrize(
    'target', [(0.1, -0.3, 0.3), (-0.12, 0.05, 0.2), (0.45, 0.1, 0.05), (0.0, 0.48, 0.1), (-0.2, -0.1, 0.25)]
)
@pytest.mark.parametrize('side, key, sign', [('left', 'l', 1), ('right', 'r', -1)])
def test_hand_reaches_its_target(target, side, key, sign):
    values = dict(zip((f'hand_out_{key}', f'hand_up_{key}', f'hand_fwd_{key}'), target))
    joints = _joints(_rig(**values, **{f'swivel_{key}': 0.6}))
    reached = joints[f'{side}_wrist'] - joints[f'{side}_shoulder']
    np.testing.assert_allclose(reached, [sign * target[0], target[1], target[2]], atol=2e-4)


def test_a_hand_out_of_reach_stretches_towards_its_target():
    joints = _joints(_rig(hand_out_l=0.0, hand_up_l=0.0, hand_fwd_l=2.0))
    reached = joints['left_wrist'] - joints['left_shoulder']
    bones = REST_OFFSETS[BODY.indices(('left_elbow', 'left_wrist'))]
    assert reached[2] == pytest.approx(np.linalg.norm(bones, axis=1).sum(), abs=2e-3)
    assert np.abs(reached[:2]).max() < 5e-3


def test_swivel_moves_the_elbow_outward_and_leaves_the_hand():
    target = dict(hand_out_r=-0.1, hand_up_r=0.0, hand_fwd_r=0.3)
    low, high = _joints(_rig(**target)), _joints(_rig(**target, swivel_r=1.4))
    np.testing.assert_allclose(low['right_wrist'], high['right_wrist'], atol=2e-4)
    assert high['right_elbow'][0] < low['right_elbow'][0] - 0.1  # the right side is at negative x
    assert high['right_elbow'][1] > low['right_elbow'][1] + 0.1


def test_feet_stand_where_they_are_put_while_the_pelvis_leans_and_sinks():
    joints = _joints(_rig(hip_drop=0.3, hip_z=-0.15, pelvis_pitch=0.5, pelvis_twist=0.2, foot_fwd_r=0.1))
    np.testing.assert_allclose(joints['left_ankle'][1], ANKLE_HEIGHT, atol=5e-3)
    # x and z are against the root's place, which is the origin
    np.testing.assert_allclose(joints['left_ankle'][[0, 2]], [0.11, 0.0], atol=2e-3)
    np.testing.assert_allclose(joints['right_ankle'][[0, 2]], [-0.11, 0.1], atol=2e-3)
    np.testing.assert_allclose(joints['mid_hip'], [0, HIP_HEIGHT - 0.3, -0.15], atol=5e-3)
    for side in ('left', 'right'):  # flat on the floor
        assert joints[f'{side}_foot'][1] == pytest.approx(joints[f'{side}_heel'][1], abs=5e-3)


def test_knee_points_forward():
    joints = _joints(_rig(hip_drop=0.35))
    line = (joints['left_hip'] + joints['left_ankle']) / 2
    assert joints['left_knee'][2] > line[2] + 0.2


def test_mirror_reflects_the_body():
    rng = np.random.default_rng(0)
    rig = _rig(**{name: float(v) for name, v in zip(CHANNELS, rng.uniform(-0.2, 0.2, len(CHANNELS)))})
    here, there = _joints(rig), _joints(mirror_rig(rig, np.array([True])))
    for left, right in (
        *BODY.pairs,
        *((r, left) for left, r in BODY.pairs),
        ('head', 'head'),
        ('nose', 'nose'),
    ):
        np.testing.assert_allclose(there[left], here[right] * [-1, 1, 1], atol=1e-5)


def test_mirror_touches_only_the_clips_asked_for():
    rig = Rig({name: np.arange(2.0)[:, None] + (name[-1] == 'r') for name in CHANNELS})
    mirrored = mirror_rig(rig, np.array([False, True]))
    assert mirrored['hand_up_r'][0] == rig['hand_up_r'][0]
    assert mirrored['hand_up_r'][1] == rig['hand_up_l'][1]
    assert mirrored['root_yaw'][1] == -rig['root_yaw'][1]


def test_compose_takes_each_part_from_its_motion():
    base = _rig(spine_flex=0.1, hand_fwd_r=0.0, hand_fwd_l=0.0)
    upper = base.reach('r', 1.0, (0.0, 0.1, 0.3)).add(neck_flex=0.2, foot_up_r=9.0)
    lower = base.add(root_z=2.0, foot_up_l=0.3, spine_flex=0.05, hand_fwd_l=0.2, hand_fwd_r=-0.2)
    both = combine_rigs(upper, lower, base)
    assert both['hand_fwd_r'] == pytest.approx(0.3)  # the hand that the upper motion took
    assert both['hand_fwd_l'] == pytest.approx(0.2)  # the other swings with the gait
    assert both['neck_flex'] == pytest.approx(0.2) and both['spine_flex'] == pytest.approx(0.15)
    assert both['foot_up_l'] == pytest.approx(0.3) and both['root_z'] == pytest.approx(2.0)
    assert both['foot_up_r'] == pytest.approx(0.0)


def test_rig_methods_leave_the_rig_alone():
    rig = _rig()
    before = {name: value.copy() for name, value in rig.items()}
    rig.add(hip_x=1.0), rig.to(0.5, hip_x=1.0), rig.reach('r', 1.0, (0, 0, 0.3))
    for name, value in before.items():
        np.testing.assert_array_equal(rig[name], value)


@pytest.mark.parametrize(('side', 'key'), [('left', 'l'), ('right', 'r')])
def test_shoulders_go_up_and_ahead_and_hands_bend_as_elbows_do(side, key):
    idle = _joints(_rig())[f'{side}_shoulder']
    assert _joints(_rig(**{f'shrug_{key}': 0.2}))[f'{side}_shoulder'][1] > idle[1] + 0.02
    assert _joints(_rig(**{f'protract_{key}': 0.2}))[f'{side}_shoulder'][2] > idle[2] + 0.02
    straight, bent = (_joints(_rig(**{f'hand_flex_{key}': angle})) for angle in (0.0, 0.5))
    ahead = [(each[f'{side}_hand_tip'] - each[f'{side}_wrist'])[2] for each in (straight, bent)]
    assert ahead[1] > ahead[0] + 0.05
