"""The videos of ../shared/cases, by every way of reading them: what its README says."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from mmactrep.pose.extraction.report import read_log, read_skipped
from mmactrep.store.reader import SkeletonStore
from mmactrep.video.frame_sources import StreamError, capture_frames
from mmactrep.video.frames import VideoError, VideoFrames
from tests.helpers.training import load_tool

DAMAGED = {
    'cut.mkv': (13, 'expected at least 49277 bytes, found 24638'),
    'cut.ts': (28, 'frame 27 is damaged'),
    'hole_whole.mkv': (10, 'expected 1.33 s, found 0.43 s'),
    'zero_tail.mp4': (23, 'cannot decode frame 21'),
}
READERS = dict(
    file=lambda path: list(VideoFrames(path)),
    batches=lambda path: [frame for _, batch in VideoFrames(path).batches(7) for frame in batch],
    stream=lambda path: list(capture_frames(str(path))),
    drawing=lambda path: list(VideoFrames(path).at_constant_rate()),
)


@pytest.fixture
def cases(shared_data):
    folder = shared_data.parent / 'cases'
    if not folder.is_dir():
        pytest.skip('no ../shared/cases')
    return folder


@pytest.fixture
def upright(cases):
    return list(VideoFrames(cases / 'order' / 'upright.mp4'))


@pytest.mark.parametrize(
    'name', ['rot90.mp4', 'mirror.mp4', 'sar2.mp4', 'cam.ts', 'camcorder.mts', 'h264.ts']
)
def test_the_same_forty_frames_upright(cases, upright, name):
    """All of them are copies of one video; two encoders make them differ by a level or so."""
    ways = [read(cases / 'videos' / name) for read in READERS.values()]
    frames = np.stack(ways[0])
    assert all(np.array_equal(np.stack(way), frames) for way in ways[1:])
    assert frames.shape == (40, 640, 360, 3)
    assert not any(np.array_equal(a, b) for a, b in itertools.pairwise(frames))  # none twice
    few = frames[:, ::4, ::4].astype(np.int16)
    expected = np.stack(upright)[:, ::4, ::4].astype(np.int16)
    assert np.abs(few - expected).mean() < 2.5
    moving = range(24, 40)
    assert [int(np.abs(expected - few[n]).mean(axis=(1, 2, 3)).argmin()) for n in moving] == list(moving)


@pytest.mark.parametrize('reader', READERS)
@pytest.mark.parametrize(('name', 'count'), [('cutclip.mp4', 92), ('editlist.mp4', 19)])
def test_visible_frames_alone(cases, name, count, reader):
    frames = READERS[reader](cases / 'videos' / name)
    assert len(frames) == count
    assert not np.array_equal(frames[-1], frames[-2])


def test_uneven_frames(cases):
    video = VideoFrames(cases / 'videos' / 'vfr.mp4')
    assert len(list(video)) == 20 and not video.times.steady and video.fps == 30
    steps = np.diff(video.times.slots)
    assert steps.min() == 1 and steps.max() == 3
    assert len(list(video.at_constant_rate())) == video.times.num_steady == 20 + (steps - 1).sum()


@pytest.mark.parametrize('name', DAMAGED)
def test_damaged_ones_are_refused_or_read_and_told(cases, name):
    path, (count, reason) = cases / 'videos' / name, DAMAGED[name]
    with pytest.raises(VideoError, match=rf'{name}: (damaged or )?truncated video: .*{reason}'):
        list(VideoFrames(path))
    video = VideoFrames(path, allow_damaged=True)
    assert len(list(video)) == count and reason in str(video.damage)
    played = []
    with pytest.raises(StreamError, match=reason):
        for frame in capture_frames(str(path)):
            played.append(frame)  # noqa: PERF402  those before the error count
    assert len(played) == count


def test_extraction(cases, tmp_path):
    """By the command, with an expert that sees somebody wherever the picture is not black."""
    config = tmp_path / 'experts.py'
    config.write_text(
        "custom_imports = dict(imports=['tests.helpers.brightness_expert'])\n"
        "experts = [dict(type='BrightnessExpert')]\n"
    )
    arguments = [cases / 'videos', '--out', tmp_path / 'store', '--experts', config, '--quiet']
    status = load_tool('extract_poses.py').main([str(argument) for argument in arguments])
    store = SkeletonStore(tmp_path / 'store')
    frames = {store.ids[row]: store[row]['total_frames'] for row in range(len(store))}
    whole = ('cam.ts', 'camcorder.mts', 'h264.ts', 'mirror.mp4', 'rot90.mp4', 'sar2.mp4')
    # 20 uneven frames of 30 per second stand for 40
    assert frames == dict.fromkeys(whole, 40) | {'cutclip.mp4': 92, 'editlist.mp4': 19, 'vfr.mp4': 40}
    assert {store[row]['img_shape'] for row in range(len(store))} == {(640, 360)}
    assert status == 3 and set(read_skipped(tmp_path / 'store.skipped.txt')) == set(DAMAGED)
    (noted,) = [entry for entry in read_log(tmp_path / 'store') if entry.notes]
    assert noted.video == 'vfr.mp4' and 'uneven times' in noted.notes[0]
