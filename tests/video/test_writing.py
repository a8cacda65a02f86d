"""Writing videos: what is written can be read, and what cannot be written is told."""

from __future__ import annotations

import av
import numpy as np
import pytest

from mmactrep.arguments import plain_errors
from mmactrep.video.frames import VideoFrames
from mmactrep.video.writing import VideoWriteError, write_video
from tests.helpers.videos import bright_frames, brightness


@pytest.mark.parametrize('fps', [10, 29.97, 50])
def test_what_is_written_is_read(tmp_path, fps):
    path = tmp_path / 'new' / 'clip.mp4'
    assert write_video(path, (frame[..., ::-1] for frame in bright_frames()), fps) == 20
    video = VideoFrames(path)
    assert video.size == (48, 64) and video.fps == pytest.approx(fps, rel=1e-4) and video.times.steady
    np.testing.assert_allclose(brightness(video), np.arange(20), atol=0.5)


def test_colors_keep_their_places(tmp_path):
    blue = np.full((48, 64, 3), (250, 20, 10), np.uint8)  # BGR
    write_video(tmp_path / 'blue.mp4', [blue] * 3)
    red, green, blue = next(iter(VideoFrames(tmp_path / 'blue.mp4'))).mean(axis=(0, 1))
    assert blue > 220 and red < 40 and green < 50


def test_h_264_that_browsers_play(tmp_path):
    write_video(tmp_path / 'a.mp4', bright_frames(3))
    with av.open(str(tmp_path / 'a.mp4')) as container:
        context = container.streams.video[0].codec_context
        assert (context.name, context.pix_fmt) == ('h264', 'yuv420p')


def test_an_odd_row_is_left_out(tmp_path):
    assert write_video(tmp_path / 'odd.mp4', bright_frames(4, (47, 65))) == 4
    assert VideoFrames(tmp_path / 'odd.mp4').size == (46, 64)


@pytest.mark.parametrize(
    ('frames', 'fps', 'message'),
    [
        ([], 20, 'no frame to write'),
        (
            bright_frames(2) + bright_frames(1, (96, 64)),
            20,
            r'of one size, found \(96, 64, 3\) behind',
        ),
        (bright_frames(2, (1, 64)), 20, 'of 2 x 2 pixels or more'),
        ([np.zeros((48, 64), np.uint8)], 20, r'expected pictures \(H, W, 3\)'),
        (bright_frames(2), 0, 'a video has a rate of frames'),
        (bright_frames(2), 0.01, 'expected 0.5 to 1000 frames per second, found 0.01'),
        (bright_frames(2), float('nan'), 'expected 0.5 to 1000 frames per second, found nan'),
    ],
)
def test_what_makes_no_video_is_refused(tmp_path, frames, fps, message):
    with pytest.raises(ValueError, match=message):
        write_video(tmp_path / 'a.mp4', frames, fps)


def test_a_place_where_nothing_can_be_written_is_one_line(tmp_path, capsys):
    (tmp_path / 'taken.mp4').mkdir()
    with pytest.raises(VideoWriteError, match=r'taken\.mp4: cannot write a video here: Is a directory'):
        write_video(tmp_path / 'taken.mp4', bright_frames(2))
    assert plain_errors(lambda: write_video(tmp_path / 'taken.mp4', bright_frames(2)))() == 1
    assert capsys.readouterr().err.startswith(f'error: {tmp_path}/taken.mp4: cannot write a video here')


def test_a_source_that_fails_leaves_what_came_before(tmp_path):
    def frames():
        yield from bright_frames(12)
        raise RuntimeError('the camera caught fire')

    with pytest.raises(RuntimeError, match='caught fire'):
        write_video(tmp_path / 'a.mp4', frames(), 10)
    assert VideoFrames(tmp_path / 'a.mp4').num_frames == 12


def test_the_same_frames_give_the_same_file(tmp_path):
    rng = np.random.default_rng(0)
    still = rng.integers(0, 256, (48, 64, 3))
    frames = [
        np.clip(np.roll(still, t, 1) + rng.normal(0, 4, still.shape), 0, 255).astype(np.uint8)
        for t in range(36)
    ]
    for number in range(12):
        write_video(tmp_path / f'{number}.mp4', frames, 25)
    assert len({path.read_bytes() for path in tmp_path.glob('*.mp4')}) == 1
