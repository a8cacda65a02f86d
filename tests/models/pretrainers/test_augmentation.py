"""Augmentation of batches: distances, missing joints, sides."""

from __future__ import annotations

import pytest
import torch

from mmactrep.models.pretrainers import SkeletonAugmentation
from mmactrep.structures import get_layout

STILL = dict(max_angle=0.0, scale=(1.0, 1.0), max_shift=0.0)


def clips(channels=2):
    return torch.randn(5, 2, 4, 17, channels)


def distances(points):
    """Between all joints of all frames of a clip."""
    points = points.flatten(1, 3).double()
    return (points[:, :, None] - points[:, None]).norm(dim=-1)


@pytest.mark.parametrize('channels', [2, 3])
def test_rotation_keeps_distances_and_treats_all_frames_alike(channels):
    before = clips(channels)
    after = SkeletonAugmentation(**STILL | dict(max_angle=0.7))(before)
    torch.testing.assert_close(
        distances(after),
        distances(before),
        rtol=1e-4,
        atol=1e-5,
    )
    assert (after - before).abs().amax(dim=(1, 2, 3, 4)).min() > 1e-3, 'every clip is turned'
    if channels == 2:
        turned = torch.atan2(after[..., 1], after[..., 0]) - torch.atan2(before[..., 1], before[..., 0])
        turned = torch.remainder(turned + torch.pi, 2 * torch.pi) - torch.pi
        assert turned.flatten(1).std(dim=1).max() < 1e-4 and turned.abs().max() <= 0.7 + 1e-4
        assert turned[:, 0, 0, 0].unique().numel() == 5


def test_scale_and_shift_within_their_limits():
    before = clips()
    after = SkeletonAugmentation(**STILL | dict(scale=(0.5, 2.0)))(before)
    ratio = after / before
    assert ratio.flatten(1, 3).std(dim=1).max() < 1e-4 and ratio.min() >= 0.5 and ratio.max() <= 2
    moved = SkeletonAugmentation(**STILL | dict(max_shift=0.2))(before) - before
    assert moved.flatten(1, 3).std(dim=1).max() < 1e-5 and 0.01 < moved.abs().max() <= 0.2


def test_missing_joints_stay_missing():
    before = clips()
    before[:, 1] = 0
    before[0, 0, 2, 3] = 0
    augment = SkeletonAugmentation(jitter=0.1, mirror=0.5, joint_dropout=0.2, layout='posetics17')
    for _ in range(4):
        after = augment(before)
        assert not after[:, 1].any()
        order = list(get_layout('posetics17').flip_order)
        assert not after[0, 0, 2, 3].any() or not after[0, 0, 2, order[3]].any()


def test_mirror_swaps_sides():
    before = clips()
    after = SkeletonAugmentation(**STILL, mirror=1.0, layout='posetics17')(before)
    layout = get_layout('posetics17')
    left, right = layout.index('left_wrist'), layout.index('right_wrist')
    torch.testing.assert_close(after[..., left, 0], -before[..., right, 0])
    torch.testing.assert_close(after[..., left, 1], before[..., right, 1])


def test_joint_dropout_takes_a_joint_from_the_whole_sequence():
    after = SkeletonAugmentation(**STILL, joint_dropout=0.5)(clips())
    kept = (after != 0).any(-1)
    assert torch.equal(kept, kept[:, :1, :1].expand_as(kept)) and 0.2 < kept.float().mean() < 0.8


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (dict(mirror=0.5), 'name the layout'),
        (dict(scale=(1.0, 0.5)), r'scale must be \(low, high\)'),
        (dict(joint_dropout=2), 'probabilities'),
    ],
)
def test_wrong_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        SkeletonAugmentation(**arguments)
