"""Pose proposal integration on cases made by hand."""

from __future__ import annotations

import numpy as np
import pytest

from mmactrep.models.pose_estimators.pose_integration import IntegrationSettings, integrate

SIZE = (200, 300)
# four joints in a box of 30 x 40, diagonal 50: poses nearer than 7.5 pixels are of one mode
BODY = np.array([[0.0, 0.0], [30.0, 0.0], [0.0, 40.0], [30.0, 40.0]])


def at(x: float, y: float) -> np.ndarray:
    return BODY + (x, y)


def test_a_mode_is_the_score_weighted_mean_of_the_poses_near_the_best():
    poses = np.stack([at(50, 50), at(54, 50), at(50, 53)])
    persons, scores = integrate(poses, [0.5, 0.3, 0.2], SIZE)
    np.testing.assert_allclose(persons, [at(50 + 4 * 0.3, 50 + 3 * 0.2)])
    assert scores == pytest.approx([1.0])


def test_poses_farther_than_the_reach_open_a_mode_of_their_own_and_the_best_mode_is_the_person():
    # 10 pixels apart: the same person by their boxes, another mode by the reach of 7.5
    poses = np.stack([at(50, 50), at(60, 50), at(60, 51)])
    persons, scores = integrate(poses, [0.4, 0.3, 0.2], SIZE)
    np.testing.assert_allclose(persons, [at(60, 50 + 0.4)])
    assert scores == pytest.approx([0.9])
    # below the least score no mode is opened: the first one stands
    persons, _ = integrate(poses, [0.06, 0.04, 0.04], SIZE)
    np.testing.assert_allclose(persons, [at(50, 50)])


def test_boxes_that_overlap_little_are_of_two_persons():
    # 30 x 40 boxes 20 apart share 10 / 50 = 0.2 of their union, which is not above the bound
    poses = np.stack([at(50, 50), at(70, 50)])
    assert len(integrate(poses, [0.6, 0.5], SIZE)[0]) == 2
    assert len(integrate(poses, [0.6, 0.5], SIZE, IntegrationSettings(overlap=0.19))[0]) == 1


def test_boxes_are_cut_at_the_edge_of_the_picture():
    # whole: 10 apart in width 30 give 20 / 40; cut at x = 0 they are 5 and 15 wide, 5 / 15
    poses = np.stack([at(-25, 50), at(-15, 50)])
    found, _ = integrate(poses, [0.6, 0.5], SIZE, IntegrationSettings(overlap=0.4))
    assert len(found) == 2


def test_a_person_of_too_small_a_score_is_left_out():
    poses = np.stack([at(50, 50), at(200, 50)])
    persons, scores = integrate(poses, [0.5, 0.002], SIZE)
    assert len(persons) == 1 and scores.tolist() == [0.5]


def test_legs_of_upper_bodies_count_a_tenth():
    poses = np.stack([at(50, 50), at(54, 54)])
    persons, _ = integrate(poses, [0.5, 0.5], SIZE, upper_body=[False, True], legs=[2, 3])
    arms, legs = persons[0, :2], persons[0, 2:]
    np.testing.assert_allclose(arms, BODY[:2] + 52)
    np.testing.assert_allclose(legs, BODY[2:] + 50 + 4 * 0.1 / 1.1)


def test_nobody():
    persons, scores = integrate(np.zeros((0, 13, 2)), np.zeros(0), SIZE)
    assert persons.shape == (0, 13, 2) and scores.shape == (0,)
