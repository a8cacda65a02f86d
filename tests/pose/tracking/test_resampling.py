"""Tracks of uneven videos."""

from __future__ import annotations

import numpy as np
import pytest

from mmactrep.pose.tracking.resampling import frames_around, resample_track
from mmactrep.structures.poses import PoseTrack
from mmactrep.video.frame_times import FrameTimes


def moving(start, seconds, speed=30.0):
    """A person whose joint v is at (100 + v + speed t, v) after t seconds."""
    joints = np.arange(17)
    keypoint = np.stack(
        [np.stack([100 + joints + speed * t, joints + 0.0 * t], axis=-1) for t in seconds]
    ).astype(np.float32)
    score = np.linspace(0.5, 1, len(seconds), dtype=np.float32)[:, None] * np.ones(17, np.float32)
    votes = np.arange(1, len(seconds) + 1, dtype=np.int16)
    return PoseTrack(3, start, keypoint, score, np.float32(votes / 10), votes)


UNEVEN = FrameTimes(np.array([0, 0.1, 0.2, 0.55, 0.6, 1.0, 1.1]), 10.0, steady=False)


def test_a_constant_speed_stays_one():
    track = moving(0, UNEVEN.seconds)
    found = resample_track(track, UNEVEN)
    assert (found.start, len(found), found.track) == (0, 12, 3) and len(found) == UNEVEN.num_steady
    np.testing.assert_allclose(found.keypoint[:, 0, 0], 100 + 3.0 * np.arange(12), rtol=1e-6)
    np.testing.assert_array_equal(found.keypoint[:, :, 1], np.broadcast_to(np.arange(17.0), (12, 17)))
    # frames of the file at 0.2 and 0.55 s: those between take the lesser score, and the votes of the nearer
    assert found.score[3, 0] == track.score[2, 0]
    assert found.votes.tolist() == [1, 2, 3, 3, 4, 4, 5, 5, 5, 6, 6, 7]
    np.testing.assert_array_equal(found.confidence, np.float32(found.votes / 10))


def test_a_part_of_a_video_has_its_place():
    found = resample_track(moving(2, UNEVEN.seconds[2:5]), UNEVEN)
    assert (found.start, found.end) == (2, 7)
    np.testing.assert_allclose(found.keypoint[:, 0, 0], 100 + 3.0 * np.arange(2, 7), rtol=1e-6)
    # alone in a frame between two places, somebody is not lost
    alone = resample_track(moving(3, UNEVEN.seconds[3:4]), UNEVEN)
    assert (alone.start, len(alone)) == (6, 1)


def test_what_is_missing_in_one_frame_is_not_invented():
    track = moving(0, UNEVEN.seconds)
    track.score[3, 5] = track.keypoint[3, 5] = 0  # at 0.55 s, between 0.2 and 0.6
    found = resample_track(track, UNEVEN)
    assert (found.score[:, 5] > 0).tolist() == [True, True, True, True, False, False] + [True] * 6
    assert not found.keypoint[[4, 5], 5].any()
    np.testing.assert_array_equal(found.keypoint[3, 5], track.keypoint[2, 5])  # the nearer one, as it is


def test_even_videos_stay_as_they_are():
    times = FrameTimes(np.arange(7) / 10, 10.0)
    track = moving(0, times.seconds)
    assert resample_track(track, times) is track and frames_around(times, 2, 5) == (2, 5)


@pytest.mark.parametrize('bounds', [(0, 4), (4, 9), (9, 12), (3, 4)])
def test_a_window_is_the_whole_cut(bounds):
    start, end = bounds
    track = moving(0, UNEVEN.seconds)
    whole = resample_track(track, UNEVEN).keypoint[start:end]
    low, high = frames_around(UNEVEN, start, end)
    part = PoseTrack(3, low, track.keypoint[low:high], track.score[low:high], track.confidence[low:high])
    found = resample_track(part, UNEVEN)
    np.testing.assert_allclose(found.keypoint[start - found.start : end - found.start], whole, rtol=1e-6)
