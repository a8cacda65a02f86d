"""Recordings of sensors on library bodies, against hand-made poses, formulas and procedural motions."""

from __future__ import annotations

import numpy as np
import pytest

from mmactrep.motion.body import BODY, forward_kinematics, place
from mmactrep.motion.characters import character_offsets, sample_characters
from mmactrep.motion.errors import MotionError
from mmactrep.motion.library_layout import LIBRARY_LAYOUT, to_library_layout
from mmactrep.motion.procedural.generator import MotionGenerator
from mmactrep.motion.recorded import (
    Recordings,
    RecordingSource,
    check_posture,
    library_joints,
    on_body,
    smooth,
    sound_frames,
    sound_runs,
)
from mmactrep.store import SkeletonStoreWriter, StoreError
from mmactrep.structures import SkeletonLayout, get_layout
from tests.helpers.kinect_pose import POSE

KINECT = get_layout('kinect20')
BODIES = character_offsets(sample_characters(np.arange(2)))


def pose(frames: int = 1) -> np.ndarray:
    """(T, 20, 3): the pose, standing still."""
    return np.repeat(np.array([[POSE[joint] for joint in KINECT.joints]], np.float64), frames, axis=0)


def at(positions: np.ndarray, joint: str) -> np.ndarray:
    return positions[:, LIBRARY_LAYOUT.index(joint)]


def test_right_stays_right_when_a_recording_is_turned_to_face_z():
    found = on_body(library_joints(pose(), KINECT), BODIES[0])
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

    turned = pose(3) @ Rotation.from_euler('y', turn, degrees=True).as_matrix().T
    expected, found = (on_body(library_joints(p, KINECT), BODIES[0]) for p in (pose(3), turned))
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_mirrored_and_fallen_recordings_are_refused():
    check_posture([pose(5)], KINECT, 'store')
    with pytest.raises(MotionError, match='store: knees bend backwards'):
        check_posture([pose(5) * [-1, 1, 1]], KINECT, 'store')
    with pytest.raises(MotionError, match='knees bend backwards'):
        check_posture([pose(5)[:, list(KINECT.flip_order)]], KINECT, 'store')
    with pytest.raises(MotionError, match='upright'):
        check_posture([pose(5) * [1, -1, 1]], KINECT, 'store')


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


def test_frames_that_cannot_be_trusted():
    recording = pose(30)
    seen = np.ones((30, 20), bool)
    assert sound_frames(recording, seen, 30.0, KINECT).all()
    seen[3, KINECT.index('head')] = False
    recording[8, KINECT.index('left_hand')] += [0.5, 0, 0]  # there and back, at 15 m/s
    recording[15:18, KINECT.index('right_ankle')] += np.array([[0, 0.05, 0], [0, 0.3, 0], [0, 0.05, 0]])
    found = sound_frames(recording, seen, 30.0, KINECT)
    assert np.flatnonzero(~found).tolist() == [3, 7, 8, 9, 16]


def test_runs_go_over_short_gaps_alone():
    good = np.ones(100, bool)
    good[[0, 10, 11]] = False
    good[40:50] = False
    good[55:65] = False
    good[99] = False
    assert sound_runs(good, 30.0) == [(1, 40), (65, 99)]
    assert sound_runs(np.zeros(10, bool), 30.0) == []
    assert sound_runs(np.ones(14, bool), 30.0) == [] and sound_runs(np.ones(15, bool), 30.0) == [(0, 15)]


def test_smoothing_keeps_parabolas_at_any_frame_rate_and_halves_noise(rng):
    curve = rng.normal(size=(3, 20, 3))

    def fall(seconds):
        return sum(c * seconds[:, None, None] ** i for i, c in enumerate(curve))

    times = np.arange(20) / 15
    for fps, frames in ((15.0, 20), (30.0, 39), (10.0, 13)):
        found = smooth(fall(times), np.ones(20, bool), 15.0, fps)
        assert len(found) == frames
        np.testing.assert_allclose(found, fall(np.arange(frames) / fps), atol=1e-9)
    noise = rng.normal(size=(4000, 20, 3))
    smoothed = smooth(noise, np.ones(4000, bool), 30.0, 30.0)
    # the middle weight of a parabola over seven frames: (3 * 49 - 7) / (4 * 7 * 48 / 3) = 7 / 21
    assert smoothed.std() == pytest.approx((7 / 21) ** 0.5, rel=0.02)


def test_gaps_are_filled_along_a_line():
    line = np.linspace(0, 1, 20)[:, None, None] * np.ones((20, 20, 3))
    broken, good = line.copy(), np.ones(20, bool)
    broken[[7, 8]], good[[7, 8]] = 9.0, False
    np.testing.assert_allclose(smooth(broken, good, 30.0, 30.0), line, atol=1e-9)


def write_store(root, clips, fps=30.0, source='UTD-MHAD', splits=('xsub_train', 'xsub_test'), channels=3):
    attributes = dict(source=source) if source else {}
    with SkeletonStoreWriter(
        root, KINECT, ['kick', 'hold up'], channels, False, attributes=attributes
    ) as writer:
        for name, (positions, label) in clips.items():
            keypoint = np.asarray(positions, np.float32)[None, ..., :channels]
            writer.add(name, keypoint, None, label=label, fps=fps)
        for split in splits:
            writer.add_split(split, list(clips)[:-1] if split.endswith('train') else list(clips)[-1:])
        writer.finish()
    return str(root)


@pytest.fixture
def clips() -> dict:
    """A whole clip, one to cut in two, one too short, and one for the test."""
    cut = pose(60)
    cut[25:35, KINECT.index('left_wrist')] += [0, 0.5, 0]
    return {'a/1': (pose(40), 0), 'a2': (cut, 1), 'a3': (pose(4), 1), 'b1': (pose(40), 1)}


def test_a_store_becomes_motions_and_tells_what_it_lost(clips, tmp_path):
    source = RecordingSource.parse(write_store(tmp_path / 'utd', clips))
    recordings = Recordings(source)
    assert recordings.classes == ['recorded/utd_mhad/kick', 'recorded/utd_mhad/hold up']
    motions = list(recordings.motions(BODIES, 15.0))
    assert [m.name for m in motions] == ['utd_mhad_a_1', 'utd_mhad_a2_0', 'utd_mhad_a2_1']
    assert [len(m.positions[0]) for m in motions] == [20, 13, 13]
    assert [m.label for m in motions] == ['recorded/utd_mhad/kick'] + 2 * ['recorded/utd_mhad/hold up']
    expected = [on_body(library_joints(pose(20), KINECT), body) for body in BODIES]
    np.testing.assert_allclose(np.stack(motions[0].positions), np.stack(expected), atol=1e-5)
    assert (recordings.whole, recordings.cut) == (['utd_mhad_a_1'], {'utd_mhad_a2': (10, 60)})
    assert recordings.left_out == {'utd_mhad_a3': '4 frames are too few'}
    report = recordings.report()
    assert "3 clips of split 'xsub_train', 1 used whole, 1 cut" in report and 'left out utd_mhad_a3' in report


def test_stores_that_cannot_be_used(clips, tmp_path):
    silent = write_store(tmp_path / 'silent', clips, fps=0.0, source='')
    with pytest.raises(MotionError, match='STORE::SPLIT::FPS'):
        list(Recordings(RecordingSource(silent)).motions(BODIES, 30.0))
    slow = Recordings(RecordingSource.parse(f'{silent}::xsub_train::15'))
    assert len(next(slow.motions(BODIES, 30.0)).positions[0]) == 79
    assert slow.name == 'silent'
    with pytest.raises(StoreError, match='which split'):
        two = write_store(tmp_path / 'two', clips, splits=('p1_train', 'p2_train'))
        _ = Recordings(RecordingSource(two)).classes
    with pytest.raises(StoreError, match='expected 3D clips, found 2D'):
        _ = Recordings(RecordingSource(write_store(tmp_path / 'flat', clips, channels=2))).classes
    mirrored = {name: (positions * [-1, 1, 1], label) for name, (positions, label) in clips.items()}
    with pytest.raises(MotionError, match='mirrored'):
        list(Recordings(RecordingSource(write_store(tmp_path / 'mirrored', mirrored))).motions(BODIES, 30.0))
    for text in ('::train', 'a::b::c', 'a::b::0', 'a::b::1::2'):
        with pytest.raises(MotionError, match=r'expected STORE\[::SPLIT\[::FPS\]\]'):
            RecordingSource.parse(text)
    with pytest.raises(MotionError, match=r"layout 'legs': cannot derive .*head"):
        library_joints(np.zeros((2, 2, 3)), SkeletonLayout('legs', ('hip', 'knee'), {'knee': 'hip'}))


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
