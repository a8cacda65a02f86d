"""Recordings of sensors on library bodies, against hand-made poses, formulas and procedural motions."""

from __future__ import annotations

import numpy as np
import pytest

from mmactrep.motion.body import BODY, forward_kinematics, place
from mmactrep.motion.characters import character_offsets, sample_characters
from mmactrep.motion.errors import MotionError
from mmactrep.motion.library_layout import LIBRARY_LAYOUT, to_library_layout
from mmactrep.motion.procedural.generator import MotionGenerator
from mmactrep.motion.recording_bodies import check_posture, library_joints, on_body
from mmactrep.motion.recording_frames import smooth
from tests.helpers.kinect_pose import KINECT, recorded_pose

BODIES = character_offsets(sample_characters(np.arange(2)))


def at(positions: np.ndarray, joint: str) -> np.ndarray:
    return positions[:, LIBRARY_LAYOUT.index(joint)]


def test_right_stays_right_when_a_recording_is_turned_to_face_z():
    found = on_body(library_joints(recorded_pose(), KINECT), BODIES[0])
    assert at(found, 'left_shoulder')[0, 0] > 0.05 > -0.05 > at(found, 'right_shoulder')[0, 0]
    forearm, thigh = BODIES[0][BODY.index('right_wrist')], BODIES[0][BODY.index('right_knee')]
    reach = at(found, 'right_wrist') - at(found, 'right_elbow')
    np.testing.assert_allclose(reach[0], [0, 0, np.linalg.norm(forearm)], atol=1e-5)
    aside = at(found, 'left_wrist') - at(found, 'left_elbow')
    np.testing.assert_allclose(aside[0], [np.linalg.norm(forearm), 0, 0], atol=1e-5)
    knee = at(found, 'right_knee') - at(found, 'right_hip')
    np.testing.assert_allclose(
        knee[0], np.linalg.norm(thigh) * np.array([0, -0.1, 0.4]) / 0.17**0.5, atol=1e-5
    )
    assert at(found, 'nose')[0, 2] > at(found, 'head')[0, 2] > 0
    assert at(found, 'head')[0, 1] > at(found, 'neck')[0, 1] > 0.8


@pytest.mark.parametrize('turn', [30, 90, 200])
def test_the_first_heading_does_not_matter(turn):
    from scipy.spatial.transform import Rotation

    turned = recorded_pose(3) @ Rotation.from_euler('y', turn, degrees=True).as_matrix().T
    expected, found = (on_body(library_joints(p, KINECT), BODIES[0]) for p in (recorded_pose(3), turned))
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_mirrored_and_fallen_recordings_are_refused():
    check_posture([recorded_pose(5)], KINECT, 'store')
    with pytest.raises(MotionError, match='store: knees bend backwards'):
        check_posture([recorded_pose(5) * [-1, 1, 1]], KINECT, 'store')
    with pytest.raises(MotionError, match='knees bend backwards'):
        check_posture([recorded_pose(5)[:, list(KINECT.flip_order)]], KINECT, 'store')
    with pytest.raises(MotionError, match='upright'):
        check_posture([recorded_pose(5) * [1, -1, 1]], KINECT, 'store')


def test_a_procedural_motion_recorded_by_a_sensor_comes_back():
    """Bones of the library's own motion on another body; only the chest and the head's turn are not seen."""
    generator = MotionGenerator(60, 30.0, ['walk', 'throw'], seed=0)
    animation = generator.animate(generator.sample_factors(2))
    one, other = (
        place(forward_kinematics(animation.angles, BODIES[[i, i]]), animation.root, BODIES[[i, i]])
        for i in (0, 1)
    )
    seen = BODY.mapping_to(KINECT, allow_missing=True).weights[0] @ one
    # from the library's axes to a sensor in front: half a turn
    seen = seen * [-1, 1, -1] + [0, 0, 3]
    for recorded, expected in zip(seen, to_library_layout(other)):
        found = on_body(library_joints(recorded, KINECT), BODIES[1])
        for side in ('left', 'right'):
            for end, start in (('elbow', 'shoulder'), ('wrist', 'elbow'), ('knee', 'hip'), ('ankle', 'knee')):
                bones = [at(p, f'{side}_{end}') - at(p, f'{side}_{start}') for p in (found, expected)]
                # the library keeps the heading of the motion
                heading = [np.arctan2(b[..., 0], b[..., 2]) for b in bones]
                np.testing.assert_allclose(bones[0][:, 1], bones[1][:, 1], atol=2e-3)
                level = np.hypot(bones[1][:, 0], bones[1][:, 2]) > 0.1
                turn = np.exp(1j * (heading[0] - heading[1]))[level]
                assert np.abs(turn - turn.mean()).max(initial=0) < 0.02 if level.any() else True
        legs = [np.ptp(at(p, 'mid_hip')[:, [0, 2]], axis=0) for p in (found, expected)]
        assert np.linalg.norm(legs[0]) == pytest.approx(np.linalg.norm(legs[1]), rel=0.05, abs=0.01)


@pytest.mark.parametrize('name', ['utd_mhad/skeleton', 'utkinect/UTKinect'])
def test_right_hands_of_real_recordings_are_in_front_and_busy(name, shared_data):
    """All subjects of UTD-MHAD throw with the right hand; those of UTKinect's first subjects as well."""
    from mmactrep.datasets.converters.utd_mhad import read_utd_mhad_clip
    from mmactrep.datasets.converters.utkinect import read_utkinect_clip

    if name.startswith('utkinect'):
        clip = read_utkinect_clip((str(shared_data / name / 'a06_s01_e01.txt'), 0), KINECT)
        fps = 15.0
    else:
        clip = read_utd_mhad_clip((str(shared_data / name / 'a5_s1_t1_skeleton.mat'), 0), KINECT)
        fps = 30.0
    positions = clip.keypoint[0]
    check_posture([positions], KINECT, name)
    found = on_body(
        library_joints(smooth(positions, np.ones(len(positions), bool), fps, 30.0), KINECT), BODIES[0]
    )
    paths = {
        side: np.linalg.norm(np.diff(at(found, f'{side}_wrist') - at(found, 'neck'), axis=0), axis=-1).sum()
        for side in ('left', 'right')
    }
    assert paths['right'] > 2 * paths['left']
    assert (at(found, 'right_wrist') - at(found, 'neck'))[:, 2].max() > 0.3  # thrown forward
    assert at(found, 'right_shoulder')[:, 0].max() < 0 < at(found, 'left_shoulder')[:, 0].min()
