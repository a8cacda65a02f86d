"""Improvised motion: possible for a body, the same from the same seed, and of all kinds."""

import numpy as np
import pytest

from mmactrep.motion.body import BODY, forward_kinematics, place
from mmactrep.motion.characters import character_offsets, sample_characters
from mmactrep.motion.procedural.generator import MotionGenerator
from mmactrep.motion.procedural.improvisation import RANGES, improvise
from mmactrep.motion.procedural.rig import CHANNELS

FPS = 30.0


def positions_of(animation, character: int = 0) -> np.ndarray:
    offsets = character_offsets(sample_characters(np.array([character]), 0))
    return place(forward_kinematics(animation.angles, offsets), animation.root, offsets)[0]


def test_every_control_has_a_range():
    assert set(RANGES) == set(CHANNELS)
    assert all(low <= high for low, high in RANGES.values())


def test_a_motion_depends_on_its_seed_alone():
    first, again, other = (improvise(40, FPS, seed) for seed in ((3, 7), (3, 7), (3, 8)))
    assert first.angles.shape == (1, 40, first.angles.shape[2]) and first.root.shape == (1, 40, 3)
    np.testing.assert_array_equal(first.angles, again.angles)
    assert np.abs(first.angles - other.angles).max() > 0.1


def test_one_frame_is_a_pose():
    assert np.isfinite(positions_of(improvise(1, FPS, 5))).all()


@pytest.mark.parametrize('seed', range(12))
def test_bodies_keep_their_bones_and_hands_no_faster_than_a_pitcher(seed):
    positions = positions_of(improvise(128, FPS, seed), seed)
    wrists = positions[:, BODY.indices(['left_wrist', 'right_wrist'])]
    speed = np.linalg.norm(np.diff(wrists, axis=0), axis=-1) * FPS
    assert 0.02 < speed.mean() < 5 and speed.max() < 40
    for joint in ('elbow', 'wrist', 'knee', 'ankle'):
        parent = dict(elbow='shoulder', wrist='elbow', knee='hip', ankle='knee')[joint]
        pair = positions[:, BODY.indices([f'left_{parent}', f'left_{joint}'])]
        length = np.linalg.norm(pair[:, 1] - pair[:, 0], axis=-1)
        np.testing.assert_allclose(length, length[0], rtol=1e-4)
    assert positions[..., 1].min() > -0.05  # nobody in the floor


def test_poses_vary_more_than_those_of_the_procedural_motions():
    joints = BODY.indices(['left_wrist', 'right_ankle', 'head'])

    def spread(positions: np.ndarray) -> np.ndarray:
        return (positions[:, :, joints] - positions[:, :, [BODY.index('mid_hip')]]).std(axis=(0, 1))

    generator = MotionGenerator(frames=64, fps=FPS, seed=0)
    factors = generator.sample_factors(60)
    offsets = character_offsets(sample_characters(np.zeros(60, np.int64), 0))
    procedural = spread(generator.positions(generator.animate(factors), offsets))
    improvised = spread(np.stack([positions_of(improvise(64, FPS, (0, i))) for i in range(60)]))
    assert (improvised.mean(axis=1) > procedural.mean(axis=1)).all()


@pytest.mark.parametrize('frames, fps', [(0, 30.0), (10, 0.0)])
def test_nonsense_is_refused(frames, fps):
    with pytest.raises(ValueError, match='above 0'):
        improvise(frames, fps, 0)
