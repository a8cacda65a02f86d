"""The video store: frames and times come out as they went in, a kill costs nothing, and damage is found."""

from __future__ import annotations

import json
import pickle
import signal
import subprocess
import sys

import cv2
import numpy as np
import pytest

from mmactrep.store import BadClipError, StoreError, VideoStore, VideoStoreWriter
from mmactrep.store import format as fmt
from mmactrep.store import video_format as vfmt
from mmactrep.store.description import write_description
from mmactrep.store.opening import open_store
from mmactrep.video.picture import VideoError
from tests.store.test_skeleton_store import files_of

NAMES = ('walk/b 1.mp4', 'walk/a.avi', 'sit/ä.mp4')


def jpegs(number, count=None):
    """Frames of brightness 10 t + 5 number in a file each."""
    images = [np.full((6, 8, 3), 10 * t + 5 * number, np.uint8) for t in range(count or 3 + number)]
    return [cv2.imencode('.jpg', image, [cv2.IMWRITE_JPEG_QUALITY, 100])[1].tobytes() for image in images]


def times(number):
    return np.array([0.0, 0.04, 0.1, 0.5, 0.52, 0.9])[: 3 + number]


def write(root, numbers=range(3), finish=True, **kwargs):
    writer = VideoStoreWriter(root, 6, attributes=dict(of='test'), **kwargs)
    for number in numbers:
        if NAMES[number] not in writer:
            writer.add(NAMES[number], jpegs(number), times(number), times(number)[-1] + 0.04, (6, 8))
    if finish:
        writer.finish()
    return writer


def test_round_trip(tmp_path):
    write(tmp_path / 's')
    store = open_store(tmp_path / 's')
    assert isinstance(store, VideoStore) and len(store) == 3 and [*store.ids] == sorted(NAMES)
    assert NAMES[0] in store and 'walk/b 2.mp4' not in store and 'x' * 500 not in store
    assert store.frames.tolist() == [5, 4, 3] and (store.short_side, store.every) == (6, 1)
    assert store.verify() == []
    for number, name in enumerate(NAMES):
        video = store.open(name)
        np.testing.assert_array_equal(video.seconds, times(number))
        assert video.duration == pytest.approx(times(number)[-1] + 0.04) and video.every == 1
        frames = video.pick([2, 0, 2])
        assert frames[0].shape == (6, 8, 3) and frames[0].dtype == np.uint8
        np.testing.assert_allclose([f.mean() for f in frames], np.array([20, 0, 20]) + 5 * number, atol=1)
    with pytest.raises(IndexError, match='has frames 0 to 2, not 3'):
        store.open(NAMES[0]).pick([3])
    with pytest.raises(VideoError, match=r"no video 'other\.mp4' in this cache"):
        store.open('other.mp4')


def test_colors_are_rgb(tmp_path):
    red = np.zeros((16, 16, 3), np.uint8)
    red[..., 2] = 255  # OpenCV's order: blue, green, red
    with VideoStoreWriter(tmp_path / 's') as writer:
        writer.add('red.mp4', [cv2.imencode('.jpg', red)[1].tobytes()], [0.0], 0.04, (16, 16))
        writer.finish()
    r, g, b = VideoStore(tmp_path / 's').open('red.mp4').pick([0])[0].mean(axis=(0, 1))
    assert r > 245 and g < 10 and b < 10


def test_the_store_travels_to_other_processes(tmp_path):
    write(tmp_path / 's')
    other = pickle.loads(pickle.dumps(VideoStore(tmp_path / 's')))
    assert len(other.open(NAMES[1])) == 4


def test_an_interrupted_write_resumes_to_the_same_bytes(tmp_path):
    write(tmp_path / 'whole')
    write(tmp_path / 'broken', range(2), finish=False).close()
    partial = tmp_path / 'broken.partial'
    # what a kill in the middle of a video leaves: bytes without a journal line, and half a line
    with open(partial / vfmt.VIDEO_FILE, 'ab') as file:
        file.write(b'\x01' * 31)
    with open(partial / 'journal.jsonl', 'a') as file:
        file.write('{"id": "sit/')
    with pytest.raises(StoreError, match=r'no video store at .*unfinished'):
        VideoStore(tmp_path / 'broken')
    write(tmp_path / 'broken')
    assert files_of(tmp_path / 'whole') == files_of(tmp_path / 'broken')


def test_a_killed_writer_process_resumes(tmp_path, repo):
    script = f"""
import time
from tests.store.test_video_store import write
write({str(tmp_path / 'store')!r}, range(2), finish=False)
print('written', flush=True)
time.sleep(60)
"""
    process = subprocess.Popen([sys.executable, '-c', script], stdout=subprocess.PIPE, text=True, cwd=repo)
    assert process.stdout.readline().strip() == 'written'
    process.send_signal(signal.SIGKILL)
    process.wait()
    write(tmp_path / 'store')
    write(tmp_path / 'whole')
    assert files_of(tmp_path / 'whole') == files_of(tmp_path / 'store')


@pytest.mark.parametrize(
    ('line', 'message'),
    [
        (dict(size=9, frames=1), '1 frames in 9 bytes'),
        (dict(frames=0), '0 frames'),
        (dict(duration='x'), "'duration' is 'x'"),
        (dict(id=NAMES[0]), 'occurs twice'),
    ],
)
def test_a_damaged_journal_is_refused(tmp_path, line, message):
    write(tmp_path / 's', range(1), finish=False).close()
    path = tmp_path / 's.partial' / 'journal.jsonl'
    whole = json.loads(path.read_text()) | dict(id='x')
    with open(path, 'a') as file:
        file.write(json.dumps(whole | line) + '\n')
    with pytest.raises(StoreError, match=message):
        write(tmp_path / 's')


@pytest.mark.parametrize(
    ('name', 'content', 'seconds', 'message'),
    [
        ('a', [], [], 'found 0 frames'),
        ('a', [b'x'], [0.0, 1.0], r'found 1 frames and \(2,\) times'),
        ('a', [b'x'], [np.nan], 'a time for each'),
        ('../a', [b'x'], [0.0], r"contain '\.\.'"),
        (NAMES[0], [b'x'], [0.0], 'already in'),
    ],
)
def test_bad_videos_leave_the_store_as_it_was(tmp_path, name, content, seconds, message):
    with write(tmp_path / 's', range(1), finish=False) as writer:
        with pytest.raises(BadClipError, match=message):
            writer.add(name, content, seconds, 1.0, (6, 8))
        writer.finish()
    write(tmp_path / 'other', range(1))
    assert files_of(tmp_path / 's') == files_of(tmp_path / 'other')


def test_truncated_and_foreign_files(tmp_path):
    write(tmp_path / 's')
    for name in (vfmt.VIDEO_FILE, vfmt.ID_FILE, vfmt.ENTRY_FILE):
        path = tmp_path / 's' / name
        whole = path.read_bytes()
        path.write_bytes(whole[:-1])
        with pytest.raises(StoreError, match=f'{name}: truncated or foreign'):
            VideoStore(tmp_path / 's')
        path.write_bytes(whole)
    path = tmp_path / 's' / fmt.META_FILE
    whole = path.read_text()
    for key, value in dict(short_side=0, every=0, quality=101, num_frames=0).items():
        write_description(tmp_path / 's', json.loads(whole) | {key: value})
        with pytest.raises(StoreError, match=f'expected {key!r} to be'):
            VideoStore(tmp_path / 's')


@pytest.mark.parametrize(('field', 'value'), [('start', -1), ('size', 10), ('frames', 0), ('start', 10**6)])
def test_entries_that_point_outside_are_found_at_opening(tmp_path, field, value):
    write(tmp_path / 's')
    entries = np.load(tmp_path / 's' / vfmt.ENTRY_FILE)
    entries[field][1] = value
    np.save(tmp_path / 's' / vfmt.ENTRY_FILE, entries)
    with pytest.raises(StoreError, match=r"entries\.npy: video 'walk/a\.avi' has"):
        VideoStore(tmp_path / 's')


def test_damage_is_found_and_named(tmp_path):
    write(tmp_path / 's')
    path = tmp_path / 's' / vfmt.VIDEO_FILE
    content = bytearray(path.read_bytes())
    # the first video written: break its first JPEG, behind the table of its three frames
    at = 128 + 3 * vfmt.FRAME_DTYPE.itemsize
    content[at : at + 40] = bytes(40)
    path.write_bytes(bytes(content))
    store = VideoStore(tmp_path / 's')
    problems = store.verify()
    assert len(problems) == 2 and f"video '{NAMES[0]}' differs from its checksum" in problems[0]
    assert 'videos.npy: checksum differs' in problems[1]
    with pytest.raises(VideoError, match=r'damaged; run mmactrep verify'):
        store.open(NAMES[0]).pick([0])
    assert len(store.open(NAMES[1]).pick([0])) == 1
    # a table that does not fit the bytes
    content[128:132] = (10**6).to_bytes(4, 'little')
    path.write_bytes(bytes(content))
    with pytest.raises(VideoError, match='damaged'):
        VideoStore(tmp_path / 's').open(NAMES[0])
