"""Captures on other bodies: measures, directions of bones, paths, names of joints, frame rates."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from mmactrep.motion.body import BODY
from mmactrep.motion.bvh import Capture, read_bvh
from mmactrep.motion.characters import character_offsets, sample_characters
from mmactrep.motion.joint_names import REQUIRED, find_joints
from mmactrep.motion.library_layout import LIBRARY_LAYOUT, map_joints
from mmactrep.motion.procedural.generator import to_layout
from mmactrep.motion.retargeting import CaptureRetargeter, resample
from mmactrep.structures import SkeletonLayout, get_layout
from tests.helpers.humanoid_bvh import humanoid_bvh

LIMBS = [
    (f'{side}_{child}', f'{side}_{parent}')
    for side in ('left', 'right')
    for child, parent in (('knee', 'hip'), ('ankle', 'knee'), ('elbow', 'shoulder'), ('wrist', 'elbow'))
]
FILE_NAMES = dict(hip='UpLeg', knee='Leg', ankle='Foot', shoulder='Arm', elbow='ForeArm', wrist='Hand')


@pytest.fixture(scope='module')
def characters():
    return character_offsets(sample_characters(np.arange(4)))


@pytest.fixture
def capture(tmp_path):
    path = tmp_path / 'clip.bvh'
    path.write_text(humanoid_bvh())
    return read_bvh(path)


def bone(positions, child, parent):
    return positions[:, LIBRARY_LAYOUT.index(child)] - positions[:, LIBRARY_LAYOUT.index(parent)]


def in_file(joint):
    side, _, name = joint.partition('_')
    return f'mixamorig:{side.capitalize()}{FILE_NAMES[name]}'


def test_limbs_have_the_characters_lengths_and_the_captures_directions(capture, characters):
    retarget = CaptureRetargeter(capture)
    source = dict(zip(capture.names, np.moveaxis(capture.positions(), 1, 0)))
    results = [retarget(character) for character in characters[:2]]
    turns = []
    for character, positions in zip(characters, results):
        assert positions.shape == (40, 17, 3) and positions.dtype == np.float32
        for child, parent in LIMBS:
            found = bone(positions, child, parent)
            length = np.linalg.norm(character[BODY.index(child)])
            np.testing.assert_allclose(np.linalg.norm(found, axis=-1), length, rtol=1e-4)
            expected = source[in_file(child)] - source[in_file(parent)]
            expected *= length / np.linalg.norm(expected, axis=-1, keepdims=True)
            # the heading is turned once for the whole motion, about the vertical
            turn = Rotation.align_vectors(found, expected)[0].as_rotvec()
            np.testing.assert_allclose(turn[[0, 2]], 0, atol=1e-3)
            turns.append(turn[1])
    np.testing.assert_allclose(turns, turns[0], atol=1e-3)
    left = (
        bone(results[0], 'left_hip', 'right_hip')[0] + bone(results[0], 'left_shoulder', 'right_shoulder')[0]
    )
    assert left[0] > 0 and abs(left[2]) < 1e-4


def test_widths_trunk_and_head_are_the_characters(capture, characters):
    for character in characters:
        positions = CaptureRetargeter(capture)(character)
        rest = {joint: character[BODY.index(joint)] for joint in BODY.joints}
        for joint in ('hip', 'shoulder'):
            width = np.linalg.norm(bone(positions, f'left_{joint}', f'right_{joint}'), axis=-1)
            assert np.median(width) == pytest.approx(2 * abs(rest[f'left_{joint}'][0]), rel=1e-3)
        trunk = np.linalg.norm(bone(positions, 'neck', 'mid_hip'), axis=-1)
        wanted = rest['neck'][1] + rest['chest'][1]
        assert (np.abs(trunk / wanted - 1) < 0.08).all()
        for joint in ('head', 'nose'):
            distance = np.linalg.norm(bone(positions, joint, 'neck'), axis=-1)
            np.testing.assert_allclose(distance, np.linalg.norm(rest[joint]), rtol=1e-3)


def test_the_trunk_is_exact_in_the_rest_pose(tmp_path, characters):
    path = tmp_path / 'clip.bvh'
    path.write_text(humanoid_bvh(frames=2, still=True))
    for character in characters:
        positions = CaptureRetargeter(read_bvh(path))(character)
        rest = {joint: character[BODY.index(joint)] for joint in BODY.joints}
        trunk = np.linalg.norm(bone(positions, 'neck', 'mid_hip'), axis=-1)
        np.testing.assert_allclose(trunk, rest['neck'][1] + rest['chest'][1], rtol=1e-4)
        # T-pose, facing +z: arms out to +x and -x, nose ahead
        np.testing.assert_allclose(bone(positions, 'left_wrist', 'left_elbow')[0, 1:], 0, atol=1e-5)
        assert bone(positions, 'left_wrist', 'left_elbow')[0, 0] > 0.1
        np.testing.assert_allclose(bone(positions, 'nose', 'neck')[0], rest['nose'], atol=1e-5)


def test_the_path_is_scaled_as_the_legs_are(capture, characters):
    retarget = CaptureRetargeter(capture)
    legs = [sum(np.linalg.norm(c[BODY.indices(('left_knee', 'left_ankle'))], axis=-1)) for c in characters]
    root = capture.names.index('mixamorig:Hips')
    own = np.linalg.norm(capture.positions()[-1, root] - capture.positions()[0, root])
    for character, length in zip(characters, legs):
        offsets, unit = retarget.offsets_for(character)
        assert unit == pytest.approx(length / 82) and offsets.shape == capture.offsets.shape
        # the root itself is no joint of the layout: the hips around it go with it
        positions = retarget(character)
        gone = np.linalg.norm(positions[-1, 0] - positions[0, 0])
        assert gone == pytest.approx(own * unit, rel=0.05)


def test_the_size_of_the_file_does_not_matter(tmp_path, characters):
    results = []
    for size in (1.0, 0.013):
        path = tmp_path / 'clip.bvh'
        path.write_text(humanoid_bvh(frames=5, size=size).replace('mixamorig:', ''))
        results.append(CaptureRetargeter(read_bvh(path))(characters[0]))
    np.testing.assert_allclose(*results, atol=1e-3)  # the file has six decimals


def test_a_z_up_file_gives_the_same_person(tmp_path, capture, characters):
    turn = Rotation.from_euler('x', 90, degrees=True).as_matrix()  # y to z, z to -y
    z_up = Capture(
        capture.names,
        capture.parents,
        capture.offsets @ turn.T,
        turn @ capture.rotations @ turn.T,
        capture.translations @ turn.T,
        capture.fps,
    )
    np.testing.assert_allclose(
        CaptureRetargeter(z_up)(characters[1]), CaptureRetargeter(capture)(characters[1]), atol=1e-5
    )


def test_the_files_own_body(capture):
    positions = CaptureRetargeter(capture).on_own_body(0.01)
    source = dict(zip(capture.names, np.moveaxis(capture.positions(), 1, 0)))
    for joint in (joint for limb in LIMBS for joint in limb):
        expected = source[in_file(joint)] * 0.01
        np.testing.assert_allclose(positions[:, LIBRARY_LAYOUT.index(joint)], expected, atol=1e-5)
    top = positions[:, LIBRARY_LAYOUT.index('head')]
    np.testing.assert_allclose(top, source['mixamorig:Head_end'] * 0.01, atol=1e-5)


def test_the_nose_of_a_file_is_in_front_of_its_head(tmp_path):
    """Half-way up the head, whose end site is 18 cm above its joint, and as far ahead of it."""
    path = tmp_path / 'still.bvh'
    path.write_text(humanoid_bvh(still=True))
    positions = CaptureRetargeter(read_bvh(path)).on_own_body(0.01)
    np.testing.assert_allclose(bone(positions, 'nose', 'head'), [[0, -0.09, 0.09]] * 40, atol=1e-5)


def test_real_captures_on_characters(shared_data, characters):
    for path in sorted((shared_data / 'bvh').glob('*.bvh'))[::4]:
        positions = CaptureRetargeter(resample(read_bvh(path), 30), where=str(path))(characters[1])
        for child, parent in LIMBS:
            length = np.linalg.norm(characters[1][BODY.index(child)])
            np.testing.assert_allclose(
                np.linalg.norm(bone(positions, child, parent), axis=-1), length, rtol=1e-4
            )
        assert (bone(positions, 'head', 'mid_hip')[..., 1] > 0.2).all()
        assert bone(positions, 'left_hip', 'right_hip')[0, 0] > 0.1  # faces +z


def test_what_retargeting_refuses(tmp_path, characters):
    def retargeter(**kwargs):
        path = tmp_path / 'clip.bvh'
        path.write_text(humanoid_bvh(frames=3, **kwargs))
        return CaptureRetargeter(read_bvh(path), where='clip.bvh')

    upside = dict.fromkeys(('LeftLeg', 'RightLeg', 'LeftFoot', 'RightFoot'), (0.0, 40.0, 0.0))
    with pytest.raises(ValueError, match=r'clip\.bvh: expected a rest pose that stands'):
        retargeter(offsets=upside)
    with pytest.raises(ValueError, match=r'clip\.bvh: left_knee and left_ankle coincide'):
        retargeter(offsets={'LeftFoot': (0.0, 0.0, 0.0)})(characters[0])


def test_names_with_namespaces_cases_and_other_conventions():
    parts = ('Hip', 'Knee', 'Ankle', 'Shoulder', 'Elbow', 'Wrist')
    names = ['Hips', 'HEAD'] + [f'{side}_{part}' for side in ('Left', 'Right') for part in parts]
    found = find_joints(names)
    assert set(found) == set(REQUIRED)
    assert found['right_wrist'] == names.index('Right_Wrist') and found['head'] == 1
    # LeftShoulder is a clavicle where there is a LeftArm
    mixamo = ['mixamorig:Hips', 'mixamorig:Head', 'mixamorig:LeftShoulder', 'mixamorig:RightShoulder'] + [
        f'mixamorig:{side}{part}' for side in ('Left', 'Right') for part in FILE_NAMES.values()
    ]
    assert find_joints(mixamo)['left_shoulder'] == mixamo.index('mixamorig:LeftArm')


def test_unknown_names_are_listed_and_can_be_mapped():
    names = [f'bone{i}' for i in range(len(REQUIRED))]
    with pytest.raises(ValueError, match=r'clip\.bvh: no joint is known as head, left_hip.*bone0, bone1'):
        find_joints(names, where='clip.bvh')
    mapping = dict(zip(names, REQUIRED))
    assert find_joints(names, mapping) == {joint: i for i, joint in enumerate(REQUIRED)}
    del mapping['bone3']
    with pytest.raises(ValueError, match=REQUIRED[3]):
        find_joints(names, mapping)


def test_resampling_a_steady_turn_is_exact():
    time = np.arange(13) / 120

    def turns(time):
        return Rotation.from_rotvec(np.outer(4 * time, [0, 1, 0])).as_matrix()

    translations = (time[:, None] * [1.0, 2.0, 3.0])[:, None]
    capture = Capture(('a',), np.array([-1]), np.zeros((1, 3)), turns(time)[:, None], translations, 120.0)
    slow = resample(capture, 50.0)
    new = np.arange(6) / 50
    assert slow.fps == 50 and len(slow) == 6
    np.testing.assert_allclose(slow.rotations[:, 0], turns(new), atol=1e-12)
    np.testing.assert_allclose(slow.translations[:, 0], new[:, None] * [1.0, 2.0, 3.0], atol=1e-12)
    assert resample(capture, 120.0) is capture


def test_mapping_of_joints(rng):
    positions = rng.normal(size=(4, BODY.num_joints, 3))
    for name in ('motion15', 'posetics17', 'h36m17'):
        layout = get_layout(name)
        np.testing.assert_allclose(
            map_joints(positions, BODY, layout), to_layout(positions, layout), atol=1e-6
        )
    library = map_joints(positions, BODY, LIBRARY_LAYOUT)
    direct = map_joints(positions, BODY, get_layout('posetics17'))
    np.testing.assert_allclose(
        map_joints(library, LIBRARY_LAYOUT, get_layout('posetics17')), direct, atol=1e-6
    )
    tail = SkeletonLayout('tail', ('tail_tip',), {})
    with pytest.raises(ValueError, match=r"'synthetic_body' has nothing to derive \['tail_tip'\]"):
        map_joints(positions, BODY, tail)


def test_captures_of_bandai_namco_stand_on_a_character(shared_data, characters):
    path = min((shared_data / 'bvh' / 'bandai_namco').rglob('*walk*.bvh'))
    positions = CaptureRetargeter(read_bvh(path))(characters[0])
    at = {joint: positions[:, LIBRARY_LAYOUT.index(joint)] for joint in LIBRARY_LAYOUT.joints}
    # y is up: head over hips over ankles in every frame, the left shoulder left of who faces +z
    assert (at['head'][:, 1] > at['mid_hip'][:, 1]).all()
    assert (at['mid_hip'][:, 1] > np.maximum(at['left_ankle'], at['right_ankle'])[:, 1]).all()
    assert at['left_shoulder'][0, 0] > at['right_shoulder'][0, 0]
