"""Reading videos, whole ones and all kinds of broken ones."""

from __future__ import annotations

import struct
import wave

import cv2
import numpy as np
import pytest

from mmactrep.video.frames import VideoError, VideoFrames, find_truncation


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


def boxes(content):
    place = 0
    while place + 8 <= len(content):
        length, name = struct.unpack('>I4s', content[place : place + 8])
        yield name, place, length
        place += length


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


def test_colours_are_rgb(tmp_path):
    writer = cv2.VideoWriter(str(tmp_path / 'red.mp4'), cv2.VideoWriter_fourcc(*'mp4v'), 10, (64, 48))
    for _ in range(5):
        writer.write(np.full((48, 64, 3), (0, 0, 255), np.uint8))  # OpenCV's order: blue, green, red
    writer.release()
    red, green, blue = next(iter(VideoFrames(tmp_path / 'red.mp4'))).mean(axis=(0, 1))
    assert red > 200 and green < 50 and blue < 50


def test_a_rotation_that_the_file_asks_for_is_applied(mp4, tmp_path):
    content = bytearray(mp4.read_bytes())
    track = content.find(b'tkhd')
    matrix = track + 4 + (40 if content[track + 4] == 0 else 52)
    assert struct.unpack('>9i', content[matrix : matrix + 36])[0] == 0x10000
    quarter = (0, 0x10000, 0, -0x10000, 0, 0, 48 << 16, 0, 0x40000000)
    content[matrix : matrix + 36] = struct.pack('>9i', *quarter)
    (tmp_path / 'turned.mp4').write_bytes(content)
    video = VideoFrames(tmp_path / 'turned.mp4')
    assert video.size == (64, 48)
    for turned, frame in zip(video, VideoFrames(mp4), strict=True):
        np.testing.assert_array_equal(turned, np.rot90(frame, -1))


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
@pytest.mark.parametrize('kind', ['index last', 'index first', 'avi'])
def test_truncated_files_are_refused(tmp_path, mp4, share, kind):
    if kind == 'avi':
        path = write_video(tmp_path / 'whole.avi', fourcc='MJPG')
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
    frames = sum(len(batch) for _, batch in VideoFrames(cut, allow_truncated=True).batches(8))
    assert 0 < frames < 103


def test_damage_in_the_middle_is_found_when_it_is_read(shared_data, tmp_path):
    content = bytearray((shared_data / 'videos' / 'kinetics_arm_wrestling.mp4').read_bytes())
    middle = len(content) // 2
    content[middle : middle + 60000] = bytes(60000)
    damaged = tmp_path / 'damaged.mp4'
    damaged.write_bytes(content)
    frames = 0
    with pytest.raises(
        VideoError, match=r'damaged.mp4: damaged or truncated video: expected 280 frames, cannot'
    ):
        for _, batch in VideoFrames(damaged).batches(16):
            frames += len(batch)
    assert 0 < frames < 280


def test_batches_have_frames(mp4):
    with pytest.raises(ValueError, match='at least one frame'):
        next(VideoFrames(mp4).batches(0))
