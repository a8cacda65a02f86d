"""Which joints count as missing."""

from __future__ import annotations

import numpy as np

from mmactrep.structures import joint_scores, seen_joints

NAN = np.nan
#: Four joints: there, at the origin, half at it, without a place.
JOINTS = np.array([[1, 2], [0, 0], [0, 3], [NAN, 5]])


def test_without_scores_zeros_and_nan_are_missing():
    assert seen_joints(JOINTS).tolist() == [True, False, True, False]
    assert joint_scores(JOINTS).tolist() == [1, 0, 1, 0]
    assert joint_scores(JOINTS).dtype == np.float32


def test_with_scores_the_origin_is_a_place():
    assert seen_joints(JOINTS, np.array([0.5, 0.5, 0, 0.5])).tolist() == [True, True, False, False]
    assert seen_joints(JOINTS, np.array([-1, NAN, 2, 1])).tolist() == [False, False, True, False]
    np.testing.assert_array_equal(
        joint_scores(JOINTS, np.array([0.5, NAN, -2, 1])), np.float32([0.5, 0, 0, 0])
    )


def test_shapes_and_infinity():
    assert seen_joints(np.ones((2, 3, 4, 3))).shape == (2, 3, 4)
    # a fault of the data, not a joint that nobody saw
    assert seen_joints(np.array([np.inf, 0]))
