"""Association of the experts' proposals in one frame."""

from __future__ import annotations

import numpy as np
import pytest

from mmactrep.pose.tracking.association import AssociationSettings, assign, associate
from mmactrep.pose.tracking.similarity import joint_sigmas
from mmactrep.structures import get_layout
from mmactrep.structures.poses import FramePoses
from tests.helpers.poses import persons, standing

SIGMAS = joint_sigmas(get_layout('coco17'))


def groups_of(*proposals, **settings):
    found = associate(proposals, SIGMAS, AssociationSettings(**settings))
    return {tuple(int(i) for i in row) for row in found}


def test_persons_are_grouped_whatever_their_order(rng):
    people = [standing(x) for x in (0, 200, 400)]
    orders = [[0, 1, 2], [2, 0, 1], [1, 2, 0]]
    proposals = [persons(*(people[i] + rng.normal(0, 2, (17, 2)) for i in order)) for order in orders]
    expected = {tuple(order.index(person) for order in orders) for person in range(3)}
    assert groups_of(*proposals) == expected


def test_an_expert_may_miss_a_person():
    a, b = standing(0), standing(300)
    assert groups_of(persons(a, b), persons(b), persons()) == {(0, -1, -1), (1, 0, -1)}
    assert groups_of(persons(), persons(b), persons(a, b)) == {(-1, -1, 0), (-1, 0, 1)}


def test_nobody():
    assert associate([persons(), persons()], SIGMAS).shape == (0, 2)


def test_keypoints_decide_where_boxes_are_the_same():
    # two persons one in the other's box, one with the arms up: their boxes say nothing
    arms = get_layout('coco17').indices(['left_wrist', 'right_wrist', 'left_elbow', 'right_elbow'])
    up, down = standing(), standing()
    up[arms, 1] -= 90
    same = np.float32([[100, 0, 200, 250]] * 2)
    ones = np.ones((2, 17))
    first = FramePoses(np.stack([up, down]), ones, same)
    second = FramePoses(np.stack([down, up]), ones, same)
    assert groups_of(first, second, max_duplicate=1.1) == {(0, 1), (1, 0)}


def test_the_assignment_is_the_best_in_total_not_the_first_come():
    similarity = np.array([[0.9, 0.8], [0.8, 0.0]])
    assert assign(similarity, 0.1) == [(0, 1), (1, 0)]
    assert assign(similarity, 0.85) == [(0, 0)]
    assert assign(np.zeros((2, 0)), 0.1) == []


def test_boxes_decide_where_joints_in_common_are_few():
    upper, lower = np.zeros(17), np.zeros(17)
    upper[:11], lower[11:] = 1, 1
    box = np.float32([[100, 50, 200, 250]])
    a = FramePoses(standing()[None], upper[None], box)
    b = FramePoses(standing()[None], lower[None], box)
    elsewhere = FramePoses(standing(500)[None], lower[None], box + 400)
    assert groups_of(a, b) == {(0, 0)}
    assert groups_of(a, elsewhere) == {(0, -1), (-1, 0)}


def test_duplicates_of_one_expert_go_the_stronger_stays():
    poses = np.stack([standing(100), standing(101), standing(300)])
    score = np.ones((3, 17)) * np.array([[0.5], [0.9], [0.7]])
    assert groups_of(FramePoses(poses, score)) == {(1,), (2,)}


def test_a_person_without_joints_is_nobody():
    ghost = FramePoses(standing()[None], np.zeros((1, 17)), np.float32([[0, 0, 9, 9]]))
    assert groups_of(ghost) == set()
    assert groups_of(ghost, persons(standing())) == {(-1, 0)}


def test_refuses_proposals_of_several_layouts():
    with pytest.raises(ValueError, match='one layout'):
        associate([persons(standing()), FramePoses.empty(13)], SIGMAS)
