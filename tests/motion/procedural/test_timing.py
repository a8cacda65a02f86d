"""When procedural motions begin, end and begin again, who sits, and what cameras do about it."""

from __future__ import annotations

import numpy as np

from mmactrep.motion.body import BODY
from mmactrep.motion.procedural.factors import motion_names
from mmactrep.motion.procedural.generator import CLEAN, MotionGenerator
from mmactrep.motion.procedural.improvisation import improvise
from mmactrep.motion.procedural.motions.base import MOTIONS
from tests.helpers.procedural_motion import film

WRIST, SHOULDER = BODY.indices(('right_wrist', 'right_shoulder'))


def test_a_motion_with_an_end_lies_within_the_clip_early_or_late():
    factors = MotionGenerator(64, classes=('punch',), compose=0.0).sample_factors(300)
    duration = MOTIONS['punch'].duration / factors['speed']
    begin, end = factors['onset'], factors['onset'] + duration
    # but for a twentieth of it at either side
    assert (begin > -0.051 * duration).all() and (end < 3.2 + 0.051 * duration).all()
    assert begin.min() < 0.1 and end.max() > 3.0 and np.ptp(begin) > 1.5


def test_only_those_sit_whose_motion_can_be_done_sitting():
    factors = MotionGenerator(8).sample_factors(900)
    names = motion_names()
    sitting = {names[motion] for motion, seated in zip(factors['motion'], factors['seated']) if seated}
    assert sitting == {name for name, spec in MOTIONS.items() if spec.seated and name != 'stand'}
    assert not (factors['seated'] & (factors['lower'] >= 0)).any()


def test_close_ups_are_larger_and_aim_at_the_upper_body():
    near, far = (MotionGenerator(8, close_up=share).sample_factors(50) for share in (1.0, 0.0))
    np.testing.assert_allclose(near['fill'], 1.7 * far['fill'], rtol=1e-5)
    np.testing.assert_allclose(near['aim'], far['aim'] + 0.28, atol=1e-6)


def test_a_motion_may_begin_again():
    for repeat, times in ((0, 1), (1, 3)):
        positions, _ = film('punch', n=6, frames=79, repeat=repeat, warp=1.0)
        out = np.linalg.norm(positions[:, :, WRIST] - positions[:, :, SHOULDER], axis=-1)
        ahead = positions[:, :, WRIST, 2] - positions[:, :, SHOULDER, 2]
        high = (ahead > 0.8 * ahead.max(axis=1, keepdims=True)) & (out > 0)
        begins = (high[:, 1:] & ~high[:, :-1]).sum(axis=1)
        assert (begins == times).all()


def test_a_motion_that_goes_on_begins_and_ends_when_it_is_told():
    positions, _ = film('wave', n=6, frames=80, onset=1.0, end=3.0)
    height = positions[:, :, WRIST, 1] - positions[:, :, SHOULDER, 1]
    assert (height[:, :20] < -0.2).all() and (height[:, 32:48] > 0).all() and (height[:, 61:] < -0.2).all()


def test_a_camera_turns_after_who_would_leave_the_image():
    generator = MotionGenerator(80, classes=('run',), shift=(0.0, 0.0), yaw=(80.0, 100.0), **CLEAN)
    factors = generator.sample_factors(12).replace(follow=0.0, onset=-5.0, end=99.0)
    offsets = generator.offsets(factors)
    positions = generator.positions(generator.animate(factors), offsets)
    assert np.ptp(positions[:, :, BODY.index('mid_hip'), 2], axis=1).min() > 5
    pixels = generator.project(positions, generator.cameras(factors, positions, offsets))
    hips = pixels[:, :, BODY.index('mid_hip'), 0]
    assert ((hips > 0) & (hips < 640)).mean() > 0.97


def test_some_improvised_motions_rest_an_arm():
    quiet = []
    for seed in range(30):
        angles = improvise(60, 30.0, seed).angles[0]
        arms = [angles[:, i] for i in _arm_angles()]
        quiet += [np.std(arm, axis=0).mean() for arm in arms]
    share = (np.array(quiet) < 0.35 * np.median(quiet)).mean()
    assert 0.1 < share < 0.5


def _arm_angles() -> list[list[int]]:
    from mmactrep.motion.body import ANGLES

    return [
        [i for i, name in enumerate(ANGLES) if name.startswith((f'{side}_upper_arm', f'{side}_forearm'))]
        for side in ('left', 'right')
    ]
