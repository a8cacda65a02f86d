"""Coordinates to motion and back, missing joints, and mean and deviation."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from mmactrep.structures import get_layout, list_layouts
from mmactrep.structures.motion_representation import (
    MotionStatistics,
    fill_missing,
    from_motion,
    motion_channels,
    motion_root,
    to_motion,
)


def test_channels_of_motion15_written_out(rng):
    """14 joints against the mid-hip, x and y each, then the mid-hip's velocity."""
    layout = get_layout('motion15')
    keypoint = rng.normal(size=(5, 15, 2))
    motion = to_motion(keypoint, layout)
    assert motion.shape == (30, 5) and motion_channels(layout, 2) == 30
    hip = layout.index('mid_hip')
    others = [name for name in layout.joints if name != 'mid_hip']
    for frame in range(5):
        for row, name in enumerate(others):
            expected = keypoint[frame, layout.index(name)] - keypoint[frame, hip]
            np.testing.assert_allclose(motion[2 * row : 2 * row + 2, frame], expected)
        step = max(frame, 1)
        np.testing.assert_allclose(motion[28:, frame], keypoint[step, hip] - keypoint[step - 1, hip])


@pytest.mark.parametrize('name', list_layouts())
@pytest.mark.parametrize('dims', [2, 3])
def test_round_trip_is_exact_up_to_the_start(name, dims, rng):
    layout = get_layout(name)
    keypoint = rng.normal(size=(2, 3, 7, layout.num_joints, dims))
    motion = to_motion(keypoint, layout, scale=128.0)
    start = keypoint[..., 0, motion_root(layout), :]
    np.testing.assert_allclose(from_motion(motion, layout, start, scale=128.0), keypoint, atol=1e-12)
    moved = from_motion(motion, layout, scale=128.0)
    np.testing.assert_allclose(moved, keypoint - start[..., None, None, :], atol=1e-12)
    # the motion of what came back is the same motion: nothing of it hangs on the start
    np.testing.assert_allclose(to_motion(moved, layout, scale=128.0), motion, atol=1e-9)


def test_root_is_the_mid_hip_or_the_center():
    posetics, penn = get_layout('posetics17'), get_layout('penn13')
    assert posetics.joints[motion_root(posetics)] == 'mid_hip'
    assert penn.joints[motion_root(penn)] == penn.center


def test_tensors_give_what_arrays_give_and_carry_gradients(rng):
    keypoint = rng.normal(size=(2, 6, 15, 2))
    tensor = torch.tensor(keypoint, requires_grad=True)
    motion = to_motion(tensor, 'motion15')
    np.testing.assert_allclose(motion.detach().numpy(), to_motion(keypoint, 'motion15'))
    start = tensor[:, 0, motion_root('motion15')]
    back = from_motion(motion, 'motion15', start)
    np.testing.assert_allclose(back.detach().numpy(), keypoint, atol=1e-12)
    back.square().sum().backward()
    np.testing.assert_allclose(tensor.grad.numpy(), 2 * keypoint, atol=1e-9)


def test_one_frame_has_no_velocity(rng):
    keypoint = rng.normal(size=(1, 15, 3)).astype(np.float32)
    motion = to_motion(keypoint, 'motion15')
    assert motion.dtype == np.float32 and motion.shape == (45, 1) and not motion[-3:].any()


def test_what_the_conversion_refuses():
    with pytest.raises(ValueError, match=r"'motion15'.*\(4, 17, 2\)"):
        to_motion(np.zeros((4, 17, 2)), 'motion15')
    with pytest.raises(ValueError, match='at least one'):
        to_motion(np.zeros((0, 15, 2)), 'motion15')
    with pytest.raises(ValueError, match=r"'motion15'.*\(31, 4\)"):
        from_motion(np.zeros((31, 4)), 'motion15')


def test_missing_joints_are_interpolated_held_and_put_on_the_root():
    layout = get_layout('motion15')
    keypoint = np.zeros((6, 15, 2), np.float32)
    keypoint[..., 0] = np.arange(6)[:, None]  # everything goes right by 1 a frame
    keypoint[:, :, 1] = np.arange(15)
    truth = keypoint.copy()
    score = np.ones((6, 15), np.float32)
    wrist, knee, nose = layout.indices(('left_wrist', 'right_knee', 'nose'))
    score[2:4, wrist] = score[:2, knee] = score[:, nose] = 0
    keypoint[score == 0] = 0
    filled = fill_missing(keypoint, score, layout)
    assert filled.dtype == np.float32
    np.testing.assert_allclose(filled[:, wrist], truth[:, wrist])
    np.testing.assert_allclose(filled[:2, knee], truth[[2, 2], knee])
    np.testing.assert_allclose(filled[:, nose], truth[:, motion_root(layout)])
    kept = score > 0
    np.testing.assert_array_equal(filled[kept], truth[kept])

    score[:, motion_root(layout)] = 0
    seen = score.any(axis=0)
    np.testing.assert_allclose(
        fill_missing(keypoint, score, layout)[-1, nose], truth[-1, seen].mean(axis=0), rtol=1e-6
    )
    nothing = np.zeros_like(score)
    np.testing.assert_array_equal(fill_missing(keypoint, nothing, layout), keypoint)
    with pytest.raises(ValueError, match='scores'):
        fill_missing(keypoint, score[:3], layout)


def test_filling_matches_numpy_interp(rng):
    keypoint = rng.normal(size=(2, 20, 15, 3))
    score = (rng.random((2, 20, 15)) > 0.4).astype(float)
    filled = fill_missing(keypoint, score, 'motion15')
    for person in range(2):
        for joint in range(15):
            seen = np.flatnonzero(score[person, :, joint])
            for axis in range(3):
                expected = np.interp(np.arange(20), seen, keypoint[person, seen, joint, axis])
                np.testing.assert_allclose(filled[person, :, joint, axis], expected, atol=1e-12)


def test_statistics_are_those_of_all_frames_together(rng):
    motions = [1000 + rng.normal(2, 3, size=(4, frames)) for frames in (5, 9, 70)]
    motions = [np.concatenate([motion, np.full((1, motion.shape[1]), 7.0)]) for motion in motions]
    statistics = MotionStatistics.of(motions, floor=0)
    together = np.concatenate(motions, axis=1)
    np.testing.assert_allclose(statistics.mean, together.mean(axis=1), rtol=1e-6)
    np.testing.assert_allclose(statistics.std[:4], together.std(axis=1)[:4], rtol=1e-5)
    assert statistics.std[4] == 1
    floored = MotionStatistics.of(motions, floor=0.1)
    assert floored.std[4] == pytest.approx(0.1 * np.sqrt((together.std(axis=1) ** 2).mean()), rel=1e-5)
    np.testing.assert_allclose(floored.std[:4], statistics.std[:4])
    standard = statistics.standardize(together)
    np.testing.assert_allclose(standard.mean(axis=1), 0, atol=1e-3)
    np.testing.assert_allclose(statistics.restore(standard), together, rtol=1e-6)
    tensor = torch.tensor(together, dtype=torch.float32)
    buffers = MotionStatistics(torch.tensor(statistics.mean), torch.tensor(statistics.std))
    np.testing.assert_allclose(buffers.standardize(tensor).numpy(), standard, atol=1e-3)
    assert buffers.restore(tensor).dtype == torch.float32


def test_what_statistics_refuse(rng):
    with pytest.raises(ValueError, match='no motion'):
        MotionStatistics.of([])
    with pytest.raises(ValueError, match='4 channels'):
        MotionStatistics.of([rng.normal(size=(3, 5)), rng.normal(size=(4, 5))])
    statistics = MotionStatistics(np.zeros(3), np.ones(3))
    with pytest.raises(ValueError, match=r'\(4, 5\)'):
        statistics.standardize(np.zeros((4, 5)))
    with pytest.raises(ValueError, match='vectors'):
        MotionStatistics(np.zeros(3), np.ones(4))
