"""Missing joints filled in within a pipeline."""

from __future__ import annotations

import numpy as np

from mmactrep.datasets.transforms import FillMissingJoints


def clip():
    """One joint of the first person missing in frames 1 and 2; a second person never seen."""
    keypoint = np.zeros((2, 4, 13, 2), np.float32)
    keypoint[0] = np.arange(1, 5)[:, None, None] * np.arange(1, 14)[None, :, None]
    score = np.zeros((2, 4, 13), np.float32)
    score[0] = 0.5
    score[0, 1:3, 6] = 0
    keypoint[0, 1:3, 6] = 0
    return dict(keypoint=keypoint, keypoint_score=score, layout='penn13', frame_dir='c')


def test_a_gap_is_crossed_in_a_straight_line():
    results = FillMissingJoints().transform(clip())
    np.testing.assert_allclose(results['keypoint'][0, :, 6, 0], [7, 14, 21, 28])
    assert results['keypoint_score'][0, :, 6].tolist() == [0.5, 1, 1, 0.5]


def test_seen_joints_and_absent_persons_stay():
    before = clip()
    results = FillMissingJoints().transform(clip())
    others = np.arange(13) != 6
    np.testing.assert_array_equal(results['keypoint'][0][:, others], before['keypoint'][0][:, others])
    assert not results['keypoint'][1].any() and not results['keypoint_score'][1].any()


def test_layout_of_its_own():
    nameless = clip()
    del nameless['layout']
    results = FillMissingJoints(layout='penn13').transform(nameless)
    assert (results['keypoint'][0] != 0).all()
