"""A part of a video is what a player shows between two times."""

from __future__ import annotations

import av
import numpy as np
import pytest

from mmactrep.video.decoding import VideoDecoder
from mmactrep.video.frames import VideoError, VideoFrames
from mmactrep.video.trimming import TrimmedVideo
from tests.helpers.videos import brightness, make_video, with_edit_list


def frames_of(video, size=4):
    """All frames, checked to come in consecutive batches."""
    found = []
    for first, batch in video.batches(size):
        assert first == len(found)
        found += batch
    return found


@pytest.mark.parametrize('name', ['a.mp4', 'a.mkv', 'a.avi', 'a.webm'])
@pytest.mark.parametrize(
    ('start', 'end', 'expected'),
    [
        (0.0, 2.0, range(20)),
        (0.5, 1.2, range(5, 12)),
        (0.45, 1.15, range(5, 12)),
        (1.3, None, range(13, 20)),
        (1.8, 9.0, range(18, 20)),
    ],
)
def test_frames_shown_from_the_start_until_the_end(tmp_path, name, start, end, expected):
    codec = dict(avi='mjpeg', webm='libvpx').get(name[2:], 'libx264')
    options = dict(crf='10', **{'b:v': '2M'}) if codec == 'libvpx' else {}
    path = make_video(tmp_path / name, codec=codec, **options)
    video = TrimmedVideo(path, start, end)
    found = frames_of(video)
    assert np.abs(brightness(found) - expected).max() < 0.5
    assert (video.num_frames, video.first, video.fps) == (len(expected), expected[0], pytest.approx(10))
    assert video.times.steady and video.size == (48, 64) and video.seconds > 0
    whole = list(VideoFrames(path))
    np.testing.assert_array_equal(found, whole[expected[0] : expected[-1] + 1])


def test_uneven_times_are_cut_where_a_player_would_and_have_a_rate_of_their_own(tmp_path):
    # 20 frames a second for a second, then one every half a second
    ticks = [*range(20), *range(20, 120, 10)]
    path = make_video(
        tmp_path / 'a.mkv', [np.full((48, 64, 3), 8 * t, np.uint8) for t in range(30)], 20, ticks=ticks
    )
    assert not VideoFrames(path).times.steady
    seconds = np.array(ticks) / 20
    for start, end in [(0.0, 1.0), (1.0, 6.0), (0.25, 0.8), (0.9, 2.1), (1.4, 3.3)]:
        video = TrimmedVideo(path, start, end)
        expected = np.flatnonzero((seconds >= start) & (seconds < end))
        shown = [frame.mean() / 8 for frame in frames_of(video)]
        assert np.abs(shown - expected).max() < 0.5
        np.testing.assert_allclose(video.times.seconds, seconds[expected] - seconds[expected[0]], atol=1e-3)
    assert TrimmedVideo(path, 0.0, 1.0).times.steady and TrimmedVideo(path, 0.0, 1.0).fps == pytest.approx(20)
    assert TrimmedVideo(path, 1.0, 6.0).times.steady and TrimmedVideo(path, 1.0, 6.0).fps == pytest.approx(2)
    mixed = TrimmedVideo(path, 0.5, 3.0)
    assert not mixed.times.steady and any('uneven times' in note for note in mixed.notes())


def test_a_part_outside_the_video_is_refused_and_one_that_ends_later_noted(tmp_path):
    path = make_video(tmp_path / 'a.mp4')
    with pytest.raises(VideoError, match=r'a\.mp4: the part begins at 2 s, the video ends at 2\.00 s'):
        TrimmedVideo(path, 2.0, 3.0)
    with pytest.raises(VideoError, match=r'no frame is shown between 0\.51 s and 0\.55 s'):
        TrimmedVideo(path, 0.51, 0.55)
    assert TrimmedVideo(path, 1.0, 2.2).notes() == []
    assert TrimmedVideo(path, 1.0, 4.0).notes() == ['the part should end at 4 s, the video ends at 2.00 s']


def test_damage_behind_the_part_does_not_matter_and_damage_in_it_is_refused_or_noted(tmp_path):
    # every frame is a key frame, so that damage stays where it is
    path = make_video(tmp_path / 'a.mp4', g='1', preset='ultrafast')
    with av.open(str(path)) as file:
        places = [(packet.pos, packet.size) for packet in file.demux(video=0) if packet.size]
    content = bytearray(path.read_bytes())
    content[places[15][0] : sum(places[15])] = b'\xff' * places[15][1]
    path.write_bytes(content)
    assert np.abs(brightness(frames_of(TrimmedVideo(path, 0.5, 1.4))) - range(5, 14)).max() < 0.5
    with pytest.raises(VideoError, match='damaged or truncated video'):
        frames_of(TrimmedVideo(path, 1.0, 2.0))
    allowed = TrimmedVideo(path, 1.0, 2.0, allow_damaged=True)
    assert len(frames_of(allowed)) == allowed.num_frames >= 9 and 'damaged' in allowed.notes()[0]


@pytest.mark.parametrize('codec', ['libx264', 'mpeg4', 'libvpx-vp9', 'mjpeg'])
@pytest.mark.parametrize('name', ['a.mp4', 'a.mkv', 'a.ts', 'a.mov'])
def test_entering_a_long_video_gives_the_frames_of_reading_it_whole(tmp_path, codec, name, monkeypatch):
    if (codec, name) in [('libvpx-vp9', 'a.ts'), ('libvpx-vp9', 'a.mov'), ('mjpeg', 'a.ts')]:
        pytest.skip('no such files')
    frames = [np.full((48, 64, 3), 40 + 20 * (t % 10), np.uint8) for t in range(200)]
    for t, frame in enumerate(frames):
        frame[:, : 4 + t // 4] = 250 - t
    options = dict(g='30', bf='3') if codec in ('libx264', 'mpeg4') else {}
    path = make_video(tmp_path / name, frames, 10, codec, **options)
    whole = list(VideoFrames(path))
    decoded = []
    original = VideoDecoder._shown
    monkeypatch.setattr(
        VideoDecoder, '_shown', lambda self, *picture: decoded.append(1) or original(self, *picture)
    )
    for start, end in [(0, 1), (2.9, 3.1), (5.95, 7.05), (12, 14.5), (15, 20), (19.9, 20)]:
        part = TrimmedVideo(path, start, end)
        decoded.clear()
        found = frames_of(part)
        first, last = round(10 * start + 0.4), round(10 * end + 0.4)
        np.testing.assert_array_equal(found, whole[first:last])
        assert len(decoded) == last - first


def test_frames_of_a_part_picked_by_their_numbers_in_it(tmp_path):
    path = make_video(tmp_path / 'a.mp4')
    part = TrimmedVideo(path, 0.5, 1.6)
    found = part.pick([3, 0, 10, 3])
    np.testing.assert_array_equal(found, [frames_of(part)[number] for number in (3, 0, 10, 3)])
    assert np.abs(brightness(found) - [8, 5, 15, 8]).max() < 0.5


def test_hidden_frames_of_an_edit_list_stay_hidden_when_a_part_is_entered(tmp_path):
    frames = [np.full((48, 64, 3), 20 + t, np.uint8) for t in range(200)]
    path = with_edit_list(make_video(tmp_path / 'a.mp4', frames, 10, g='25'), 12, 170, 10)
    whole = list(VideoFrames(path))
    for start, end in [(0, 0.5), (3.3, 4.0), (11.0, 13.7), (16.5, None)]:
        found = frames_of(TrimmedVideo(path, start, end))
        np.testing.assert_array_equal(
            found, whole[round(10 * start) : None if end is None else round(10 * end)]
        )


def test_what_lies_far_before_a_part_is_not_decoded(tmp_path, monkeypatch):
    path = make_video(tmp_path / 'a.mp4', [np.full((48, 64, 3), t, np.uint8) for t in range(250)], 10, g='20')
    read = []
    original = VideoDecoder._packets
    monkeypatch.setattr(
        VideoDecoder, '_packets', lambda self: (read.append(1) or packet for packet in original(self))
    )
    part = TrimmedVideo(path, 21.0, 22.0)
    read.clear()
    assert len(frames_of(part)) == 10 and len(read) <= 20 + 10 + 10
