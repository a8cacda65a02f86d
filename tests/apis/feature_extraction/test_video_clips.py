"""The videos of the clips of a store are found."""

from __future__ import annotations

import numpy as np
import pytest

from mmactrep.apis.feature_extraction.video_clips import SourceVideoError, VideoClip, clips_of_store
from mmactrep.store import SkeletonStore, SkeletonStoreWriter


def write_store(root, names, **kwargs):
    with SkeletonStoreWriter(root, 'coco17', **kwargs) as writer:
        for name in names:
            writer.add(name, np.ones((1, 4, 17, 2)))
        writer.finish()
    return SkeletonStore(root)


def test_clips_of_a_store_are_found_by_name(tmp_path, folder):
    store = write_store(tmp_path / 'store', ['b', 'x', 'a'])
    expected = [VideoClip('b', folder / 'b.mp4'), VideoClip('x', None), VideoClip('a', folder / 'a.mp4')]
    for pattern in (None, '{id}.mp4', '{id}.*', '{id}.mp?'):
        assert clips_of_store(store, folder, pattern) == expected
    (folder / 'set').mkdir()
    (folder / 'b.mp4').rename(folder / 'set' / 'b_rgb.avi')
    found = clips_of_store(store, folder, '*/{id}_rgb.avi')
    assert found == [VideoClip('b', folder / 'set' / 'b_rgb.avi'), VideoClip('x', None), VideoClip('a', None)]


def test_names_with_folders_and_letters_that_patterns_use(tmp_path, folder):
    (folder / 'p1').mkdir()
    for source, target in (('a', 'p1/a'), ('b', 'p1/run[1]')):
        (folder / f'{source}.mp4').rename(folder / f'{target}.mp4')
    store = write_store(tmp_path / 'store', ['p1/a', 'p1/run[1]'])
    for pattern in (None, '{id}.mp4', '{id}.m*'):
        assert [clip.path for clip in clips_of_store(store, folder, pattern)] == [
            folder / 'p1' / 'a.mp4',
            folder / 'p1' / 'run[1].mp4',
        ]


def test_videos_that_cannot_be_told(tmp_path, folder):
    store = write_store(tmp_path / 'store', ['a', 'b'])
    with pytest.raises(SourceVideoError, match='nowhere: no such folder of videos'):
        clips_of_store(store, tmp_path / 'nowhere')
    with pytest.raises(SourceVideoError, match=r"pattern with \{id\} .* found 'x\.mp4'"):
        clips_of_store(store, folder, 'x.mp4')
    with pytest.raises(SourceVideoError, match=r'no clip of .* for example .*/videos/rgb/a\.avi'):
        clips_of_store(store, folder, 'rgb/{id}.avi')
    (folder / 'again').mkdir()
    (folder / 'again' / 'a.mp4').write_bytes((folder / 'a.mp4').read_bytes())
    with pytest.raises(SourceVideoError, match=r"clip 'a' has several videos, .* a pattern may tell which"):
        clips_of_store(store, folder)
    assert clips_of_store(store, folder, '{id}.mp4')[0].path == folder / 'a.mp4'
