"""Videos as inputs of inference: uneven, damaged, and streams that break off."""

from __future__ import annotations

import numpy as np
import pytest

from mmactrep.apis import ActionStream
from mmactrep.apis.pose_inputs import read_input, track_video
from mmactrep.pose.estimator import PoseEstimator
from mmactrep.video import frame_sources
from mmactrep.video.frame_sources import FrameSource, StreamError
from tests.helpers.brightness_expert import BrightnessExpert
from tests.helpers.inference_fakes import FakeEstimator
from tests.helpers.poses import ListedExpert, persons, standing
from tests.helpers.videos import bright_frames, make_video

TICKS = [0, 1, 2, 5, 6, 12, 13, 14, 15, 21]


def test_an_uneven_video_is_put_at_a_constant_rate(tmp_path):
    path = make_video(tmp_path / 'uneven.mp4', bright_frames(10), fps=20, ticks=TICKS)
    expert = ListedExpert([persons(standing(2 * tick)) for tick in TICKS])
    clip = track_video(path, lambda: PoseEstimator([expert]))
    (track,) = clip.tracks
    assert (clip.num_frames, clip.fps, len(track)) == (22, 20, 22)
    np.testing.assert_allclose(track.keypoint, [standing(2 * tick) for tick in range(22)], atol=1e-3)
    assert clip.notes[0].startswith(
        'its 10 frames are at uneven times, 1.05 s in all; they are resampled to 20 frames'
    )


def test_a_damaged_video_is_read_as_far_as_it_goes(tmp_path):
    path = make_video(tmp_path / 'cut.mkv')
    path.write_bytes(path.read_bytes()[:-400])
    clip = read_input(str(path), lambda: PoseEstimator([BrightnessExpert()]))
    assert 0 < clip.num_frames < 20 and clip.tracks
    assert clip.notes[0].startswith('the video is damaged: expected at least ')


@pytest.mark.parametrize('frames', [12, 0])
def test_a_stream_that_breaks_off_is_told(monkeypatch, frames):
    def broken(address):
        def pictures():
            yield from [np.full((48, 64, 3), 90, np.uint8)] * frames
            raise StreamError('the cable was pulled')

        return FrameSource(pictures(), None, lambda: None)

    monkeypatch.setattr(frame_sources, 'open_frames', broken)
    if not frames:
        with pytest.raises(StreamError, match='the cable was pulled'):
            read_input('rtsp://camera', lambda: PoseEstimator([BrightnessExpert()]))
        return
    clip = read_input('rtsp://camera', lambda: PoseEstimator([BrightnessExpert()]))
    assert clip.num_frames == 12
    assert clip.notes == ['the stream broke off after 12 frames: the cable was pulled']


def test_a_damaged_file_that_plays_ends_with_an_error(recognizer, tmp_path):
    """What was read before has been worked on; a tool then ends with one line and exit status 1."""
    path = make_video(tmp_path / 'cut.mkv', fps=100)
    path.write_bytes(path.read_bytes()[:-400])
    stream = ActionStream(recognizer, FakeEstimator(), window=16, min_frames=4, drop=False)
    seen = []
    with pytest.raises(
        StreamError, match=r'broke off after \d+ frames: .*cut\.mkv: damaged or truncated video'
    ):
        for result in stream.run(str(path)):
            seen.append(result.frame)  # noqa: PERF401  those before the error count
    assert 0 < len(seen) < 20
