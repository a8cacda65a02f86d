"""Videos whose frames are read by number, and the times of their frames."""

from __future__ import annotations

import numpy as np
import pytest

from mmactrep.video.opened_video import OpenedVideo, open_video, usable_times
from tests.helpers.videos import bright_frames, brightness, make_video


def test_a_file_is_opened_with_its_own_times(tmp_path):
    ticks = [0, 1, 2, 10, 11, 30]
    video = open_video(make_video(tmp_path / 'uneven.mp4', bright_frames(6), fps=10, ticks=ticks))
    np.testing.assert_allclose(video.seconds, np.array(ticks) / 10, atol=1e-3)
    assert (len(video), video.every, video.note) == (6, 1, '')
    assert video.duration == pytest.approx(3.1)  # the usual step of 0.1 s behind the last frame
    np.testing.assert_allclose(brightness(video.pick([4, 1])), [4, 1], atol=0.4)


def test_times_that_are_none_follow_from_the_rate():
    seconds, duration, note = usable_times(np.zeros(4), 20.0)
    np.testing.assert_allclose(seconds, [0, 0.05, 0.1, 0.15])
    assert duration == pytest.approx(0.2) and '20 frames per second that it states' in note
    seconds, duration, note = usable_times(np.zeros(3), 0.0)
    np.testing.assert_allclose(seconds, [0, 0.04, 0.08])
    assert note.endswith('come at 25 frames per second')


def test_one_frame_lasts_as_long_as_its_rate_says():
    seconds, duration, note = usable_times(np.zeros(1), 10.0)
    assert (seconds.tolist(), duration, note) == ([0.0], 0.1, '')


def test_images_are_a_video():
    video = OpenedVideo.of_frames([np.full((2, 2, 3), n, np.uint8) for n in range(3)], 10)
    np.testing.assert_allclose(video.seconds, [0, 0.1, 0.2])
    assert [frame[0, 0, 0] for frame in video.pick([2, 0])] == [2, 0]
