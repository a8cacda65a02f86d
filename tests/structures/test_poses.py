import numpy as np
import pytest

from mmactrep.structures.poses import FramePoses, PoseTrack, TrackedPose, boxes_around


def test_a_missing_joint_has_neither_score_nor_coordinates():
    poses = FramePoses([[[3, 4], [5, 9], [7, 2]]], [[0.5, 0, -1]])
    assert poses.keypoint.tolist() == [[[3, 4], [0, 0], [0, 0]]]
    assert poses.score.tolist() == [[0.5, 0, 0]]
    assert poses.box.tolist() == [[3, 4, 3, 4]]


def test_boxes_hold_the_joints_seen():
    keypoint = np.array([[[1, 8], [6, 2], [99, 99]], [[1, 1], [2, 2], [3, 3]]], np.float32)
    assert boxes_around(keypoint, np.array([[1, 1, 0], [0, 0, 0]])).tolist() == [[1, 2, 6, 8], [0, 0, 0, 0]]


def test_persons_are_taken_in_the_order_asked_for():
    poses = FramePoses(np.arange(12).reshape(3, 2, 2), np.ones((3, 2)), np.arange(12).reshape(3, 4))
    taken = poses.take([2, 0])
    assert taken.keypoint.tolist() == poses.keypoint[[2, 0]].tolist()
    assert taken.box.tolist() == [[8, 9, 10, 11], [0, 1, 2, 3]]
    assert len(FramePoses.empty(17)) == len(poses.take([])) == 0


@pytest.mark.parametrize(
    ('keypoint', 'score', 'box'),
    [
        (np.zeros((2, 3)), np.zeros(2), None),
        (np.zeros((1, 3, 2)), np.zeros((1, 4)), None),
        (np.zeros((1, 3, 2)), np.zeros((1, 3)), np.zeros((2, 4))),
        (np.full((1, 3, 2), np.nan), np.ones((1, 3)), None),
    ],
)
def test_what_does_not_fit_is_refused(keypoint, score, box):
    with pytest.raises(ValueError):
        FramePoses(keypoint, score, box)


def test_a_track_ends_after_its_last_row():
    track = PoseTrack(3, 10, np.zeros((5, 17, 2)), np.zeros((5, 17)), np.zeros(5))
    assert (len(track), track.end) == (5, 15)


def test_the_pose_of_a_frame():
    score = np.ones((3, 2))
    score[1] = 0
    confidence, votes = np.array([0.5, 0, np.nan]), np.array([2, 0, 1])
    track = PoseTrack(3, 10, np.arange(12.0).reshape(3, 2, 2), score, confidence, votes)
    assert track.seen.tolist() == [True, False, True]
    assert [track.at(frame) is None for frame in (9, 10, 11, 12, 13)] == [True, False, True, False, True]
    pose = track.at(12)
    assert (pose.track, pose.frame, pose.votes) == (3, 12, 1) and np.isnan(pose.confidence)
    np.testing.assert_array_equal(pose.keypoint, [[8, 9], [10, 11]])
    given = PoseTrack(3, 10, track.keypoint, score, confidence)  # poses that nobody aggregated
    assert given.at(10).votes == 0


def test_the_box_of_a_pose():
    pose = TrackedPose(3, 10, np.array([[1.0, 2.0], [0, 0]]), np.array([1.0, 0.0]), 0.9, 3)
    assert pose.box.tolist() == [1, 2, 1, 2]
