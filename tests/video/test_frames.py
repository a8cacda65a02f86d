"""Reading videos, whole ones and all kinds of broken ones."""

from __future__ import annotations

import os
import struct
import wave
from fractions import Fraction

import cv2
import numpy as np
import pytest

from mmactrep.video.frames import VideoError, VideoFrames
from mmactrep.video.truncation import find_truncation
from tests.helpers.videos import TURNS, boxes, bright_frames, brightness, make_video, with_edit_list


def write_video(path, frames=20, size=(48, 64), fps=10.0, fourcc='mp4v'):
    """A clip whose frame t has brightness 10 t, with a darker corner."""
    height, width = size
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*fourcc), fps, (width, height))
    for t in range(frames):
        frame = np.full((height, width, 3), 10 * t, np.uint8)
        frame[: height // 4, : width // 4] //= 2
        writer.write(frame)
    writer.release()
    return path


def index_first(content):
    """An MP4 with its index before its media data, as files for streaming have it."""
    places = {name: (place, length) for name, place, length in boxes(content)}
    place, length = places[b'moov']
    index = bytearray(content[place : place + length])
    table = index.find(b'stco')
    (count,) = struct.unpack('>I', index[table + 8 : table + 12])
    for i in range(count):
        at = slice(table + 12 + 4 * i, table + 16 + 4 * i)
        index[at] = struct.pack('>I', struct.unpack('>I', index[at])[0] + length)
    start = places[b'ftyp'][1]
    return content[:start] + bytes(index) + content[start:place] + content[place + length :]


@pytest.fixture
def mp4(tmp_path):
    return write_video(tmp_path / 'whole.mp4')


@pytest.mark.parametrize(('name', 'fourcc'), [('a.mp4', 'mp4v'), ('a.avi', 'MJPG'), ('a.avi', 'XVID')])
def test_frames_in_order_whole_and_in_batches(tmp_path, name, fourcc):
    video = VideoFrames(write_video(tmp_path / name, fourcc=fourcc))
    assert (video.num_frames, len(video), video.size, video.fps) == (20, 20, (48, 64), pytest.approx(10.0))
    seen = []
    for first, frames in video.batches(7):
        assert first == len(seen) and all(f.shape == (48, 64, 3) and f.dtype == np.uint8 for f in frames)
        seen += frames
    assert np.allclose([f[20:].mean() for f in seen], 10 * np.arange(20), atol=4)
    np.testing.assert_array_equal(np.stack(list(video)), np.stack(seen))  # from the start again
    assert video.seconds > 0


def test_colors_are_rgb(tmp_path):
    writer = cv2.VideoWriter(str(tmp_path / 'red.mp4'), cv2.VideoWriter_fourcc(*'mp4v'), 10, (64, 48))
    for _ in range(5):
        writer.write(np.full((48, 64, 3), (0, 0, 255), np.uint8))  # OpenCV's order: blue, green, red
    writer.release()
    red, green, blue = next(iter(VideoFrames(tmp_path / 'red.mp4'))).mean(axis=(0, 1))
    assert red > 200 and green < 50 and blue < 50


def assert_alike(frames, expected, tolerance=6.0):
    """The same pictures up to what an encoder loses."""
    for found, truth in zip(frames, expected, strict=True):
        assert found.shape == truth.shape and found.flags.c_contiguous
        assert np.abs(found.astype(int) - truth).mean() < tolerance


@pytest.mark.parametrize('turn', TURNS)
def test_a_video_is_shown_as_its_display_matrix_asks(tmp_path, turn):
    a, b, c, d = TURNS[turn]
    stored = bright_frames()
    video = VideoFrames(make_video(tmp_path / 'turned.mp4', stored, matrix=TURNS[turn]))
    height, width = stored[0].shape[:2]
    # the definition, point by point: (p, q) goes to (a p + c q, b p + d q), moved into the picture
    q, p = np.mgrid[:height, :width]
    x, y = a * p + c * q, b * p + d * q
    expected = []
    for frame in stored:
        shown = np.zeros((np.ptp(y) + 1, np.ptp(x) + 1, 3), np.uint8)
        shown[y - y.min(), x - x.min()] = frame[q, p]
        expected.append(shown)
    assert video.size == expected[0].shape[:2]
    assert_alike(video, expected)


def test_a_matrix_that_only_turns_askew_is_refused(tmp_path):
    content = bytearray(make_video(tmp_path / 'askew.mp4').read_bytes())
    track = content.find(b'tkhd')
    matrix = track + 4 + (40 if content[track + 4] == 0 else 52)
    sine = round(0.5 * 65536)
    askew = (56756, sine, 0, -sine, 56756, 0, 0, 0, 0x40000000)  # 30 degrees
    content[matrix : matrix + 36] = struct.pack('>9i', *askew)
    (tmp_path / 'askew.mp4').write_bytes(content)
    with pytest.raises(
        VideoError, match=r'askew.mp4: expected a display matrix that turns by quarters or mir'
    ):
        VideoFrames(tmp_path / 'askew.mp4')


@pytest.mark.parametrize(('aspect', 'size'), [((2, 1), (48, 128)), ((1, 2), (96, 64)), ((64, 63), (48, 64))])
def test_pixels_are_made_square(tmp_path, aspect, size):
    video = VideoFrames(make_video(tmp_path / 'oblong.mp4', pixel_aspect=Fraction(*aspect)))
    assert video.size == size
    frames = list(video)
    assert all(frame.shape == (*size, 3) for frame in frames)
    np.testing.assert_allclose(brightness(frames), np.arange(20), atol=0.4)
    dark = frames[10] < 90  # the quarter in the corner stays a quarter
    assert dark.all(axis=2).mean() == pytest.approx(1 / 16, abs=0.01)


def test_a_turned_video_with_oblong_pixels(tmp_path):
    """The aspect is that of the stored pixel: what was wide becomes high."""
    path = make_video(tmp_path / 'both.mp4', matrix=TURNS['quarter'], pixel_aspect=Fraction(2))
    assert VideoFrames(path).size == (128, 48)


def test_frames_that_an_edit_list_hides_are_not_shown(tmp_path):
    path = with_edit_list(make_video(tmp_path / 'cut.mp4', g='20'), first=5, count=8, fps=10)
    video = VideoFrames(path)
    assert video.num_frames == 8
    np.testing.assert_allclose(brightness(video), np.arange(5, 13), atol=0.4)
    assert video.times.steady and video.fps == pytest.approx(10)


@pytest.mark.parametrize(
    ('name', 'codec'), [('a.ts', 'mpeg2video'), ('a.ts', 'libx264'), ('a.m2ts', 'libx264')]
)
def test_transport_streams_are_whole(tmp_path, name, codec):
    """decord 0.6 loses some of their frames and gives others twice."""
    options = dict(qscale='2') if codec == 'mpeg2video' else dict(bf='2')
    video = VideoFrames(make_video(tmp_path / name, fps=25, codec=codec, **options))
    assert (video.num_frames, video.fps) == (20, 25)
    np.testing.assert_allclose(brightness(video), np.arange(20), atol=0.4)


@pytest.mark.parametrize(
    ('name', 'codec', 'options'),
    [
        ('hidden.webm', 'libvpx', {'auto-alt-ref': '1', 'lag-in-frames': '16', 'b': '300k'}),
        ('vp9.webm', 'libvpx-vp9', {'auto-alt-ref': '1', 'lag-in-frames': '20', 'b': '300k'}),
        ('b_frames.avi', 'mpeg4', dict(bf='2')),
        ('h264.avi', 'libx264', dict(bf='3')),
        ('program.mpg', 'mpeg2video', dict(bf='2')),
        ('flash.flv', 'libx264', {}),
        ('windows.wmv', 'wmv2', {}),
        ('phone.3gp', 'mpeg4', {}),
        ('jpeg.mov', 'mjpeg', {}),
        ('sound_longer.mkv', 'libx264', dict(sound=3.0)),
        ('sound_shorter.mkv', 'libx264', dict(sound=0.5)),
        ('sound_longer.mp4', 'libx264', dict(sound=3.0)),
        ('sound_longer.ts', 'libx264', dict(sound=3.0)),
        ('fragments.mp4', 'libx264', dict(sound=1.0, container=dict(movflags='frag_keyframe+empty_moov'))),
    ],
)
def test_sound_videos_of_many_kinds_are_read_whole(tmp_path, name, codec, options):
    """Frames that are decoded and never shown, or sound that is longer, are no damage."""
    video = VideoFrames(make_video(tmp_path / name, fps=25, codec=codec, **options))
    np.testing.assert_allclose(brightness(video), np.arange(20), atol=1.0)
    assert video.num_frames == 20 and video.fps == 25 and video.times.steady


def test_uneven_frames_keep_their_times(tmp_path):
    ticks = [0, 1, 2, 5, 6, 12, 13, 14, 15, 21]
    path = make_video(tmp_path / 'uneven.mp4', bright_frames(10), fps=20, ticks=ticks)
    video = VideoFrames(path)
    assert video.num_frames == 10 and not video.times.steady and video.fps == 20
    np.testing.assert_allclose(video.times.seconds, np.array(ticks) / 20, atol=1e-3)
    np.testing.assert_allclose(brightness(video), np.arange(10), atol=0.4)
    # at a constant rate every frame stands until the next one comes, as a player shows it
    shown = brightness(video.at_constant_rate())
    assert len(shown) == video.times.num_steady == 22
    expected = np.searchsorted(ticks, np.arange(22), side='right') - 1
    np.testing.assert_allclose(shown, expected, atol=0.4)


def test_a_lost_frame_does_not_make_a_video_uneven(tmp_path):
    ticks = [t for t in range(21) if t != 9]
    video = VideoFrames(make_video(tmp_path / 'lost.mp4', fps=30, ticks=ticks))
    assert video.times.steady and video.fps == pytest.approx(30) and video.num_frames == 20
    assert len(list(video.at_constant_rate())) == 20


def test_a_file_name_in_latin_1(tmp_path):
    path = tmp_path / os.fsdecode(b'caf\xe9.mp4')
    make_video(tmp_path / 'plain.mp4').rename(path)
    assert len(list(VideoFrames(path))) == 20


def test_a_name_like_an_address_is_a_file(tmp_path, monkeypatch):
    make_video(tmp_path / 'plain.mp4').rename(tmp_path / 'concat:a.mp4')
    monkeypatch.chdir(tmp_path)
    assert VideoFrames('concat:a.mp4').num_frames == 20


@pytest.mark.parametrize(
    ('make', 'message'),
    [
        (lambda p: None, 'no such file'),
        (lambda p: p.mkdir(), 'found a folder'),
        (lambda p: p.write_bytes(b''), 'the file is empty'),
        (lambda p: p.write_bytes(np.random.default_rng(0).bytes(5000)), 'no video that can be read'),
        (lambda p: p.write_text('not a video'), 'no video that can be read'),
    ],
)
def test_what_is_no_video_is_told(tmp_path, make, message):
    path = tmp_path / 'clip.mp4'
    make(path)
    with pytest.raises(VideoError, match=message) as error:
        VideoFrames(path)
    assert 'clip.mp4' in str(error.value)


def test_a_file_without_a_video_stream(tmp_path):
    with wave.open(str(tmp_path / 'sound.wav'), 'wb') as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(16000))
    with pytest.raises(VideoError, match=r'sound.wav: no video that can be read.*video stream'):
        VideoFrames(tmp_path / 'sound.wav')


@pytest.mark.parametrize('share', [0.2, 0.5, 0.9, 0.99])
@pytest.mark.parametrize('kind', ['index last', 'index first', 'avi', 'mkv'])
def test_truncated_files_are_refused(tmp_path, mp4, share, kind):
    if kind == 'avi':
        path = write_video(tmp_path / 'whole.avi', fourcc='MJPG')
    elif kind == 'mkv':
        path = make_video(tmp_path / 'whole.mkv')
    elif kind == 'index first':
        path = tmp_path / 'streaming.mp4'
        path.write_bytes(index_first(mp4.read_bytes()))
    else:
        path = mp4
    assert find_truncation(path) is None and sum(1 for _ in VideoFrames(path)) == 20
    content = path.read_bytes()
    cut = tmp_path / f'cut{path.suffix}'
    cut.write_bytes(content[: int(share * len(content))])
    with pytest.raises(VideoError, match=rf'{cut.name}: truncated video: expected at least .* bytes, found'):
        VideoFrames(cut)


def test_media_data_without_an_index(tmp_path, mp4):
    content = mp4.read_bytes()
    (place,) = (place for name, place, _ in boxes(content) if name == b'moov')
    (tmp_path / 'cut.mp4').write_bytes(content[:place])
    with pytest.raises(VideoError, match='no index'):
        VideoFrames(tmp_path / 'cut.mp4')


@pytest.mark.parametrize(
    'name', ['S001C001P001R001A001_rgb.avi', 'ntu_sample.mp4', 'kinetics_arm_wrestling.mp4']
)
def test_truncated_copies_of_real_videos(shared_data, tmp_path, name):
    source = shared_data / 'videos' / name
    assert find_truncation(source) is None
    content = source.read_bytes()
    copies = dict(plain=content, first=index_first(content)) if name.endswith('.mp4') else dict(plain=content)
    for kind, whole in copies.items():
        for share in (0.3, 0.98):
            cut = tmp_path / f'{kind}{share}{source.suffix}'
            cut.write_bytes(whole[: int(share * len(whole))])
            with pytest.raises(VideoError, match='truncated'):
                VideoFrames(cut)


def test_what_there_is_of_a_truncated_video_can_be_asked_for(shared_data, tmp_path):
    content = (shared_data / 'videos' / 'S001C001P001R001A001_rgb.avi').read_bytes()
    cut = tmp_path / 'cut.avi'
    cut.write_bytes(content[: len(content) // 2])
    video = VideoFrames(cut, allow_damaged=True)
    frames = sum(len(batch) for _, batch in video.batches(8))
    assert 0 < frames < 103 and frames == video.num_frames
    assert 'expected at least' in str(video.damage)


def test_damage_in_the_middle_is_found_when_it_is_read(shared_data, tmp_path):
    content = bytearray((shared_data / 'videos' / 'kinetics_arm_wrestling.mp4').read_bytes())
    middle = len(content) // 2
    content[middle : middle + 60000] = bytes(60000)
    damaged = tmp_path / 'damaged.mp4'
    damaged.write_bytes(content)
    frames = 0
    with pytest.raises(VideoError, match=r'damaged.mp4: damaged or truncated video: expected 280 frames, '):
        for _, batch in VideoFrames(damaged).batches(16):
            frames += len(batch)
    assert 0 < frames < 280
    video = VideoFrames(damaged, allow_damaged=True)
    assert 200 < len(list(video)) < 280 and 'frame' in str(video.damage)
    list(video)
    assert video.damage.count == 1  # told once, however often it is read


def test_batches_have_frames(mp4):
    with pytest.raises(ValueError, match='at least one frame'):
        next(VideoFrames(mp4).batches(0))


def test_frames_are_picked_by_number(mp4):
    video = VideoFrames(mp4)
    frames = list(video)
    picked = video.pick([7, 3, 3, 19])
    np.testing.assert_array_equal(np.stack(picked), np.stack([frames[n] for n in (7, 3, 3, 19)]))
    assert video.pick([]) == []
    for wrong in ([20], [-1]):
        with pytest.raises(IndexError, match='frames 0 to 19'):
            video.pick(wrong)


def test_frames_picked_of_a_damaged_video(mp4, tmp_path):
    content = bytearray(mp4.read_bytes())
    places = {name: (place, length) for name, place, length in boxes(bytes(content))}
    place, length = places[b'mdat']
    content[place + length // 3 : place + length] = bytes(length - length // 3)
    path = tmp_path / 'damaged.mp4'
    path.write_bytes(bytes(content))
    with pytest.raises(VideoError, match=r'damaged\.mp4: damaged or truncated video: expected 20 frames'):
        VideoFrames(path).pick([0, 19])
    first, *_, last = VideoFrames(path, allow_damaged=True).pick(range(20))
    assert first.shape == last.shape
