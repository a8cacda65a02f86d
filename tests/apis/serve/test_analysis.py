"""Segments of a page, and what it takes."""

from __future__ import annotations

import numpy as np
import pytest

from mmactrep.apis.serve.analysis import merge_windows, told
from mmactrep.apis.serve.settings import ServeSettings, UploadError
from mmactrep.apis.serve.teach_session import TeachSession
from mmactrep.structures.recognition import ActionWindow, Verdict
from mmactrep.video.picture import VideoError
from mmactrep.video.writing import write_video


def window(start: int, end: int, *scores: float) -> ActionWindow:
    return ActionWindow(start, end, end - start, np.array(scores))


def test_overlapping_windows_become_stretches_of_one_class():
    windows = [window(0, 40, 0.9, 0.1), window(20, 60, 0.7, 0.3), window(40, 80, 0.2, 0.8)]
    # the overlap [40, 60) is parted at 50
    assert merge_windows(windows) == [(0, 50, 0, pytest.approx(0.8)), (50, 80, 1, pytest.approx(0.8))]


def test_a_gap_parts_stretches():
    windows = [window(60, 80, 0.6, 0.4), window(0, 20, 0.9, 0.1)]
    assert [each[:3] for each in merge_windows(windows)] == [(0, 20, 0), (60, 80, 0)]
    assert merge_windows([]) == []


@pytest.fixture
def video(tmp_path):
    path = tmp_path / 'video.mp4'
    write_video(path, np.random.default_rng(0).integers(0, 255, (30, 48, 64, 3), dtype=np.uint8), 10.0)
    return path


def test_videos_that_are_too_long_or_large_are_told(video, tmp_path):
    assert ServeSettings(max_seconds=3).check_video(video).num_frames == 30
    with pytest.raises(UploadError, match='3 seconds long, this page takes at most 2'):
        ServeSettings(max_seconds=2).check_video(video)
    with pytest.raises(UploadError, match='takes at most 0 MB'):
        ServeSettings(max_megabytes=0).check_video(video)
    with pytest.raises(UploadError, match='64 x 48 pixels'):
        ServeSettings(max_pixels=1000).check_video(video)
    (tmp_path / 'text.mp4').write_text('no video')
    with pytest.raises(VideoError):
        ServeSettings().check_video(tmp_path / 'text.mp4')


def test_a_session_keeps_examples_by_class(video, tmp_path):
    session = TeachSession(tmp_path / 'session', ServeSettings())
    copies = [tmp_path / f'copy{k}.mp4' for k in range(3)]
    for copy in copies:
        copy.write_bytes(video.read_bytes())
    session.add(' hand  wave ', copies[:2])
    session.add('bow', copies[2:])
    assert session.counts() == {'bow': 1, 'hand wave': 2}
    assert not any(copy.exists() for copy in copies)


@pytest.mark.parametrize('name', ['', '../up', 'a/b', '.hidden', 'x' * 61, '-rf'])
def test_names_of_classes_are_no_paths(video, tmp_path, name):
    session = TeachSession(tmp_path / 'session', ServeSettings())
    with pytest.raises(UploadError, match='a class needs a name'):
        session.add(name, [video])
    assert video.exists() and not (tmp_path / 'session').exists()
    with pytest.raises(UploadError, match='choose videos'):
        session.add('wave', [])


def test_a_motion_of_no_class_is_said_so_first():
    unknown = Verdict(True, 0.97, 'none of the 15 sports')
    assert told(unknown, 'golf_swing') == 'none of the 15 sports; nearest: golf swing'
    assert told(Verdict(), 'golf_swing') == 'golf swing'
