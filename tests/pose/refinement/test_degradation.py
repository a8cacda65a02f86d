"""Degraded pictures, projected depth skeletons, and experts behind an obstacle."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mmactrep.pose.experts.simulation import BOTTOM_UP, TOP_DOWN
from mmactrep.pose.refinement.degradation import cover, draw_obstacle, lower_resolution, propose_behind
from mmactrep.pose.refinement.depth_pictures import project_depth
from mmactrep.structures import get_layout

LAYOUT = get_layout('penn13')


def test_a_lower_resolution_keeps_means_and_loses_detail():
    frame = np.zeros((120, 160, 3), np.uint8)
    frame[:, ::2] = 200  # stripes of one pixel
    low = lower_resolution(frame, 4)
    assert low.shape == frame.shape and abs(low.mean() - 100) < 1 and low.std() < 2
    frame = np.zeros((120, 160, 3), np.uint8)
    frame[:, 80:] = 200
    assert np.ptp(lower_resolution(frame, 4)[60, :72]) == 0 and lower_resolution(frame, 4)[60, 120, 0] == 200


def test_an_obstacle_is_within_the_person_and_covers_pixels(rng):
    pose = rng.uniform((20, 10), (60, 100), (30, 13, 2))
    for _ in range(50):
        box = draw_obstacle(pose, np.ones((30, 13)), rng)
        low, high = pose.min(axis=(0, 1)), pose.max(axis=(0, 1))
        assert (box[:2] >= low).all() and (box[2:] <= high).all()
        share = (box[2:] - box[:2]) / (high - low)
        assert 0.4 <= share[0] <= 0.8 and 0.2 <= share[1] <= 0.4
    frame = np.zeros((50, 60, 3), np.uint8)
    covered = cover(frame, np.array([10.2, 5.4, 20.1, 500]), 90)
    assert (covered[5:, 10:20] == 90).all() and covered.sum() == 90 * 3 * 45 * 10 and not frame.any()


def test_depth_joints_are_projected_by_the_focal_length():
    # 285 pixels at 320 x 240: a meter to the side and half a meter up at 2 m
    assert project_depth(np.array([1.0, 0.5, 2.0]), (240, 320)) == pytest.approx([160 + 142.5, 120 - 71.25])
    assert project_depth(np.array([1.0, 0.5, 2.0]), (120, 160)) == pytest.approx([80 + 71.25, 60 - 35.625])


@pytest.mark.parametrize('guesses', [True, False])
def test_behind_an_obstacle_joints_are_guessed_or_missed_and_the_others_untouched(guesses, rng):
    truth = np.zeros((2000, 13, 2))
    truth[:, LAYOUT.index('head')] = (100, 50)
    for pair, (left, right) in enumerate(LAYOUT.side_pairs):
        truth[:, left], truth[:, right] = (110, 70 + 30 * pair), (90, 70 + 30 * pair)
    score = np.ones((2000, 13))
    expert = replace(TOP_DOWN if guesses else BOTTOM_UP, jitter=0.0)
    proposal = truth.astype(np.float32), score.astype(np.float32)
    keypoint, seen = propose_behind(
        expert, proposal, truth, score, np.array([105, 60, 120, 130]), LAYOUT, rng
    )
    hidden = ((truth[0] >= (105, 60)) & (truth[0] <= (120, 130))).all(axis=1)
    assert hidden.sum() == 3
    np.testing.assert_array_equal(keypoint[:, ~hidden], truth[:, ~hidden])
    assert (seen[:, ~hidden] == 1).all()
    moved = (keypoint != truth).any(axis=-1)[:, hidden]
    if guesses:
        assert (seen == 1).all() and moved.mean() == pytest.approx(0.5, abs=0.1)
        apart = np.linalg.norm(keypoint - truth, axis=-1)[:, hidden]
        assert apart.max() <= expert.reach * 20 + 1e-3  # the head is 20 above the middle of the shoulders
    else:
        assert (seen[:, hidden] == 0).mean() == pytest.approx(0.8, abs=0.1)
        assert (keypoint[seen == 0] == 0).all()
