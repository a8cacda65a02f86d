"""What was recognized: windows, their means, their course over time."""

from __future__ import annotations

import numpy as np
import pytest

from mmactrep.structures.recognition import ActionWindow, mean_scores, scores_over_time, top_classes


def test_mean_scores_weight_by_frames_seen():
    windows = [ActionWindow(0, 10, 10, np.array([1.0, 0.0])), ActionWindow(5, 15, 30, np.array([0.0, 1.0]))]
    np.testing.assert_allclose(mean_scores(windows, 2), [0.25, 0.75])
    np.testing.assert_array_equal(mean_scores([], 3), np.zeros(3))


def test_scores_over_time_are_linear_between_the_middles():
    windows = [
        ActionWindow(0, 11, 11, np.array([1.0, 0.0])),  # middle 5
        ActionWindow(10, 21, 11, np.array([0.0, 1.0])),  # middle 15
    ]
    found = scores_over_time(windows, np.arange(21))
    np.testing.assert_allclose(found[:, 0], np.interp(np.arange(21), [5, 15], [1, 0]), atol=1e-6)
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-6)
    np.testing.assert_array_equal(scores_over_time(windows[:1], np.arange(3)), [[1, 0]] * 3)


def test_top_classes():
    labels, scores = top_classes(np.array([0.2, 0.5, 0.2, 0.1]), list('abcd'), 3)
    assert labels == ['b', 'a', 'c'] and scores == pytest.approx([0.5, 0.2, 0.2])
    assert top_classes(np.zeros(4), list('abcd'), 3) == ([], [])
