"""Stores of recordings as motions: what is used whole, what is cut, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from mmactrep.motion.characters import character_offsets, sample_characters
from mmactrep.motion.errors import MotionError
from mmactrep.motion.recorded import Recordings, RecordingSource
from mmactrep.motion.recording_bodies import library_joints, on_body
from mmactrep.store import SkeletonStoreWriter, StoreError
from mmactrep.structures import SkeletonLayout
from tests.helpers.kinect_pose import KINECT, recorded_pose

BODIES = character_offsets(sample_characters(np.arange(2)))


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
    cut = recorded_pose(60)
    cut[25:35, KINECT.index('left_wrist')] += [0, 0.5, 0]
    return {
        'a/1': (recorded_pose(40), 0),
        'a2': (cut, 1),
        'a3': (recorded_pose(4), 1),
        'b1': (recorded_pose(40), 1),
    }


def test_a_store_becomes_motions_and_tells_what_it_lost(clips, tmp_path):
    source = RecordingSource.parse(write_store(tmp_path / 'utd', clips))
    recordings = Recordings(source)
    assert recordings.classes == ['recorded/utd_mhad/kick', 'recorded/utd_mhad/hold up']
    motions = list(recordings.motions(BODIES, 15.0))
    assert [m.name for m in motions] == ['utd_mhad_a_1', 'utd_mhad_a2_0', 'utd_mhad_a2_1']
    assert [len(m.positions[0]) for m in motions] == [20, 13, 13]
    assert [m.label for m in motions] == ['recorded/utd_mhad/kick'] + 2 * ['recorded/utd_mhad/hold up']
    expected = [on_body(library_joints(recorded_pose(20), KINECT), body) for body in BODIES]
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
