"""Rates and clocks of videos."""

from __future__ import annotations

import numpy as np
import pytest

from mmactrep.video.frame_times import check_rate, mend_clock, time_frames


def test_a_constant_rate_is_the_one_that_the_file_names():
    times = time_frames(np.arange(300) / 29.97 + 5, [30000 / 1001])
    assert times.steady and times.fps == 30000 / 1001 and times.num_steady == 300
    assert times.seconds[0] == 0 and times.seconds[-1] == pytest.approx(299 / 29.97)


def test_times_rounded_to_milliseconds_are_constant():
    times = time_frames(np.round(np.arange(5000) / 30, 3), [30])
    assert times.steady and times.fps == 30


def test_without_a_rate_the_mean_counts():
    times = time_frames(np.arange(100) / 12.5, [])
    assert times.steady and times.fps == pytest.approx(12.5)


def test_a_camera_that_slows_down_in_the_dark_is_uneven():
    seconds = np.concatenate([np.arange(60) / 30, 2 + np.arange(30) / 15])
    times = time_frames(seconds, [22.5, 30])
    assert not times.steady and times.fps == 30
    assert times.slots[:60].tolist() == list(range(60)) and times.slots[60:].tolist() == list(
        range(60, 120, 2)
    )
    assert times.num_steady == 119


def test_a_rate_of_ticks_is_no_rate_of_frames():
    """Uneven times in units of 1/90000 s: FFmpeg's base rate is then 90000."""
    seconds = np.cumsum(np.random.default_rng(0).uniform(0.02, 0.3, 50))
    times = time_frames(seconds, [90000.0])
    assert not times.steady and times.fps == pytest.approx(49 / (seconds[-1] - seconds[0]))


@pytest.mark.parametrize(('seconds', 'fps'), [([], 0), ([3.0], 0), ([2.0, 2.0], 0)])
def test_too_few_frames_for_a_rate(seconds, fps):
    assert time_frames(seconds, [0.0]).fps == fps
    assert time_frames(seconds, [25.0]).fps == 25
    assert time_frames(seconds, [25.0]).num_steady == len(seconds)


def test_a_clock_that_leaps_is_mended_and_told():
    seconds = np.arange(10) / 10
    jumped = np.concatenate([seconds, seconds + 95443])
    mended, problem = mend_clock(jumped)
    np.testing.assert_allclose(mended, np.arange(20) / 10, atol=1e-6)
    assert problem.startswith('its clock leaps from 0.9 to 95443.0 s at frame 10 (at most 60 s')
    mended, problem = mend_clock(np.concatenate([seconds + 100, seconds]))
    np.testing.assert_allclose(mended, 100 + np.arange(20) / 10)
    assert 'from 100.9 to 0.0 s at frame 10' in problem


def test_frames_that_change_places_are_sorted_without_a_word():
    mended, problem = mend_clock([0.0, 0.2, 0.1, 0.3])
    assert mended.tolist() == [0.0, 0.1, 0.2, 0.3] and problem is None


def test_rates_have_bounds():
    assert check_rate(0) is None and check_rate(25) is None
    assert check_rate(0.01) == 'expected 0.5 to 1000 frames per second, found 0.01'
    assert 'found 1e+05' in check_rate(1e5)
