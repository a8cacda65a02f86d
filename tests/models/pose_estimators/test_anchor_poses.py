"""Anchor poses of LCRNet++ against their definitions written out, one pose at a time."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from mmactrep.models.pose_estimators.anchor_poses import (
    AnchorPoseError,
    closest_anchors,
    decode_offsets,
    encode_offsets,
    fit_anchor_poses,
    normalize_poses,
    place_poses,
    upper_body_anchors,
)
from mmactrep.structures import get_layout

LAYOUT = get_layout('lcrnet13')


def test_the_box_is_the_unit_square():
    box = torch.tensor([[10.0, 20.0, 30.0, 60.0]])
    pose = torch.tensor([[[10.0, 20.0], [30.0, 60.0], [20.0, 30.0]]])
    normal = normalize_poses(pose, box)
    assert normal[0].tolist() == [[0, 0], [1, 1], [0.5, 0.25]]
    assert torch.equal(place_poses(normal[:, None], box)[:, 0], pose)


def test_the_class_is_the_anchor_of_least_distance_over_the_seen_joints():
    rng = np.random.default_rng(0)
    poses, anchors = rng.random((40, 13, 2)), rng.random((7, 13, 2))
    seen = rng.random((40, 13)) < 0.6
    found = closest_anchors(torch.tensor(poses), torch.tensor(seen), torch.tensor(anchors))
    for pose, mask, label in zip(poses, seen, found.tolist()):
        distances = [sum(np.sum((pose[v] - a[v]) ** 2) for v in range(13) if mask[v]) for a in anchors]
        assert label == int(np.argmin(distances))
    # the joints that differ may be those that are missing
    near, far = torch.zeros(1, 2, 2), torch.tensor([[[0.0, 0.0], [5.0, 5.0]]])
    pair = torch.cat([torch.full((1, 2, 2), 0.1), far])
    assert closest_anchors(near, torch.tensor([[True, False]]), pair).item() == 1
    assert closest_anchors(near, torch.tensor([[True, True]]), pair).item() == 0


def test_offsets_are_learnt_in_five_times_their_size_and_come_back():
    rng = torch.Generator().manual_seed(0)
    pose, anchors = torch.rand(3, 13, 2, generator=rng), torch.rand(4, 13, 2, generator=rng)
    target = encode_offsets(pose, anchors[:3])
    torch.testing.assert_close(target, 5 * (pose - anchors[:3]))
    offsets = torch.zeros(3, 4, 13, 2)
    offsets[range(3), range(3)] = target
    decoded = decode_offsets(offsets, anchors)
    torch.testing.assert_close(decoded[range(3), range(3)], pose)
    torch.testing.assert_close(decoded[:, 3], anchors[3].expand(3, 13, 2))


def test_anchors_are_the_centers_of_the_clusters_largest_first():
    rng = np.random.default_rng(1)
    centers = np.array([np.full((13, 2), 0.2), np.full((13, 2), 0.8)])
    which = np.array([0] * 20 + [1] * 50)
    normal = centers[which] + 0.01 * rng.standard_normal((70, 13, 2))
    box = np.concatenate([rng.uniform(0, 50, (70, 2)), rng.uniform(60, 100, (70, 2))], axis=1)
    pixels = normal * (box[:, None, 2:] - box[:, None, :2]) + box[:, None, :2]
    score = np.ones((70, 13))
    score[0, 3] = 0  # incomplete: not clustered
    pixels[0] = 1e4
    anchors = fit_anchor_poses(pixels, score, box, 2)
    np.testing.assert_allclose(anchors[0], normal[20:].mean(axis=0), atol=1e-5)
    np.testing.assert_allclose(anchors[1], normal[1:20].mean(axis=0), atol=1e-5)
    np.testing.assert_array_equal(anchors, fit_anchor_poses(pixels, score, box, 2))


def test_too_few_complete_poses_for_the_anchors():
    score = np.ones((5, 13))
    score[:3, 0] = 0
    with pytest.raises(AnchorPoseError, match=r'3 anchor poses need .* found 2 of 5 with all joints'):
        fit_anchor_poses(np.zeros((5, 13, 2)), score, np.ones((5, 4)), 3)


def test_an_anchor_whose_legs_lie_below_the_box_is_of_the_upper_body():
    anchors = torch.full((2, 13, 2), 0.5)
    legs = [i for i, joint in enumerate(LAYOUT.joints) if 'knee' in joint or 'ankle' in joint]
    anchors[1, legs, 1] = 1.4
    assert upper_body_anchors(anchors, LAYOUT).tolist() == [False, True]
