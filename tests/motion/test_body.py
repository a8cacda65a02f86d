import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from mmactrep.motion.body import (
    ANGLE_INDEX,
    ANGLES,
    BODY,
    CLEARANCE,
    FRAMES,
    JOINTS,
    REST_OFFSETS,
    forward_kinematics,
    leg_length,
    place,
)
from mmactrep.structures import get_layout


def _oracle(angles: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Forward kinematics of one frame, joint by joint, with scipy's rotations."""
    rotations = {None: Rotation.identity()}
    for frame in FRAMES:
        values = [angles[ANGLE_INDEX[f'{frame.name}_{axis}']] for axis in frame.axes]
        local = Rotation.from_euler(frame.axes.upper(), values if len(values) > 1 else values[0])
        rotations[frame.name] = rotations[frame.parent] * local
    positions = {}
    for joint, offset in zip(JOINTS, offsets):
        start = positions[joint.parent] if joint.parent else np.zeros(3)
        positions[joint.name] = start + rotations[joint.frame].apply(offset) * (joint.parent is not None)
    return np.stack([positions[joint] for joint in BODY.joints])


def test_forward_kinematics_is_a_chain_of_scipy_rotations():
    rng = np.random.default_rng(0)
    angles = rng.uniform(-np.pi, np.pi, (3, 2, len(ANGLES)))
    offsets = REST_OFFSETS * rng.uniform(0.8, 1.2, (3, 1, 1))
    positions = forward_kinematics(angles, offsets)
    for n in range(3):
        for t in range(2):
            np.testing.assert_allclose(positions[n, t], _oracle(angles[n, t], offsets[n]), atol=1e-9)


def test_rest_pose_stands_upright_and_faces_z():
    rest = forward_kinematics(np.zeros((1, 1, len(ANGLES))))
    body = dict(zip(BODY.joints, place(rest, np.zeros((1, 1, 3)))[0, 0]))
    assert body['left_heel'][1] == pytest.approx(0)
    assert body['head'][1] == pytest.approx(1.67, abs=0.03)
    assert body['left_shoulder'][0] > 0 > body['right_shoulder'][0]
    assert body['nose'][2] > body['head'][2] and body['left_foot'][2] > body['left_heel'][2]
    assert body['left_wrist'][1] < body['left_elbow'][1] < body['left_shoulder'][1]


@pytest.mark.parametrize(
    'angle, joint, moves_to',
    [
        ('left_forearm_x', 'left_wrist', ('z', -1)),  # a negative angle flexes the elbow: forward
        ('right_shin_x', 'right_ankle', ('z', -1)),  # a positive one flexes the knee: backward
        ('pelvis_x', 'head', ('z', 1)),
        ('pelvis_y', 'nose', ('x', 1)),  # turns to the left
        ('head_x', 'nose', ('y', -1)),  # looks down
    ],
)
def test_sense_of_angles(angle, joint, moves_to):
    angles = np.zeros((1, 2, len(ANGLES)))
    angles[0, 1, ANGLE_INDEX[angle]] = 0.3
    before, after = forward_kinematics(angles)[0, :, BODY.index(joint)]
    axis, sign = moves_to
    if angle == 'left_forearm_x':
        assert after[2] < before[2] - 0.05  # forearm_x is minus the flexion
    else:
        assert sign * (after - before)['xyz'.index(axis)] > 0.01


def test_place_puts_the_lowest_point_on_the_floor_and_scales_the_path_with_the_legs():
    rng = np.random.default_rng(1)
    angles = rng.uniform(-1, 1, (2, 5, len(ANGLES)))
    offsets = np.stack([REST_OFFSETS, REST_OFFSETS * 0.5])
    root = np.zeros((2, 5, 3))
    root[..., 0] = np.arange(5)
    placed = place(forward_kinematics(angles, offsets), root, offsets)
    clear = CLEARANCE * np.array([1.0, 0.5])[:, None, None]
    np.testing.assert_allclose((placed[..., 1] - clear).min(axis=-1), 0, atol=1e-6)
    path = placed[:, :, BODY.index('mid_hip'), 0]
    np.testing.assert_allclose(path, [np.arange(5), 0.5 * np.arange(5)], atol=1e-6)
    root[..., 1] = 0.4
    np.testing.assert_allclose(
        place(forward_kinematics(angles, offsets), root, offsets)[0, ..., 1] - placed[0, ..., 1], 0.4
    )
    assert leg_length(offsets)[1] == pytest.approx(0.5 * leg_length(REST_OFFSETS))


def test_every_layout_can_be_made_from_the_body():
    for name in (
        'posetics17',
        'lcrnet13',
        'ntu25',
        'motion15',
        'h36m17',
        'coco17',
        'body25',
        'blazepose33',
        'penn13',
    ):
        mapping = BODY.mapping_to(get_layout(name))
        assert (mapping.weights[0].sum(axis=1) > 0.99).all(), name


def test_wrong_shapes_are_refused():
    with pytest.raises(ValueError, match='angles must be'):
        forward_kinematics(np.zeros((1, 2, 5)))
    with pytest.raises(ValueError, match='offsets must be'):
        forward_kinematics(np.zeros((1, 2, len(ANGLES))), np.zeros((3, 3)))
    with pytest.raises(ValueError, match='2 clips of angles, but bones of 3'):
        forward_kinematics(np.zeros((2, 2, len(ANGLES))), np.stack([REST_OFFSETS] * 3))
