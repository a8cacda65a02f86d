"""Which frames of a recording are trusted, and what smoothing leaves of a motion."""

from __future__ import annotations

import numpy as np
import pytest

from mmactrep.motion.recording_frames import smooth, sound_frames, sound_runs
from tests.helpers.kinect_pose import KINECT, recorded_pose


def test_frames_that_cannot_be_trusted():
    recording = recorded_pose(30)
    seen = np.ones((30, 20), bool)
    assert sound_frames(recording, seen, 30.0, KINECT).all()
    seen[3, KINECT.index('head')] = False
    recording[8, KINECT.index('left_hand')] += [0.5, 0, 0]  # there and back, at 15 m/s
    recording[15:18, KINECT.index('right_ankle')] += np.array([[0, 0.05, 0], [0, 0.3, 0], [0, 0.05, 0]])
    found = sound_frames(recording, seen, 30.0, KINECT)
    assert np.flatnonzero(~found).tolist() == [3, 7, 8, 9, 16]


def test_runs_go_over_short_gaps_alone():
    good = np.ones(100, bool)
    good[[0, 10, 11]] = False
    good[40:50] = False
    good[55:65] = False
    good[99] = False
    assert sound_runs(good, 30.0) == [(1, 40), (65, 99)]
    assert sound_runs(np.zeros(10, bool), 30.0) == []
    assert sound_runs(np.ones(14, bool), 30.0) == [] and sound_runs(np.ones(15, bool), 30.0) == [(0, 15)]


def test_smoothing_keeps_parabolas_at_any_frame_rate_and_halves_noise(rng):
    curve = rng.normal(size=(3, 20, 3))

    def fall(seconds):
        return sum(c * seconds[:, None, None] ** i for i, c in enumerate(curve))

    times = np.arange(20) / 15
    for fps, frames in ((15.0, 20), (30.0, 39), (10.0, 13)):
        found = smooth(fall(times), np.ones(20, bool), 15.0, fps)
        assert len(found) == frames
        np.testing.assert_allclose(found, fall(np.arange(frames) / fps), atol=1e-9)
    noise = rng.normal(size=(4000, 20, 3))
    smoothed = smooth(noise, np.ones(4000, bool), 30.0, 30.0)
    # the middle weight of a parabola over seven frames: (3 * 49 - 7) / (4 * 7 * 48 / 3) = 7 / 21
    assert smoothed.std() == pytest.approx((7 / 21) ** 0.5, rel=0.02)


def test_gaps_are_filled_along_a_line():
    line = np.linspace(0, 1, 20)[:, None, None] * np.ones((20, 20, 3))
    broken, good = line.copy(), np.ones(20, bool)
    broken[[7, 8]], good[[7, 8]] = 9.0, False
    np.testing.assert_allclose(smooth(broken, good, 30.0, 30.0), line, atol=1e-9)
