"""The common loop: order, resumption after a kill, bad clips, workers."""

from __future__ import annotations

import filecmp
import multiprocessing
import os
import signal
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from mmactrep.datasets.converters.conversion import Clip, Conversion, Job, read_class_file
from mmactrep.datasets.converters.runner import run_conversion
from mmactrep.store.format import BadClipError, StoreError
from mmactrep.store.reader import SkeletonStore
from mmactrep.structures import get_layout

COUNT = 12


def _read(source: str, bad: tuple[int, ...] = (), kill_at: int | None = None) -> Clip:
    number = int(source)
    if number == kill_at:
        os.kill(os.getpid(), signal.SIGKILL)
    if number in bad:
        raise BadClipError(f'file-{number}: broken')
    rng = np.random.default_rng(number)
    shape = (1 + number % 2, 3 + number, 13, 2)
    return Clip(rng.normal(size=shape), rng.uniform(0.1, 1, shape[:3]), number % 3, (240, 320), 25.0)


def _conversion(**options) -> Conversion:
    jobs = [Job(f'clip{i}', str(i), ('train',) if i % 4 else ('test',)) for i in range(COUNT)]
    return Conversion(
        name='toy',
        folder='toy',
        layout=get_layout('lcrnet13'),
        classes=['a', 'b', 'c'],
        num_channels=2,
        jobs=jobs,
        read=partial(_read, **options),
        splits=('train', 'test', 'none'),
        attributes=dict(source='toy'),
    )


def _same_files(first: Path, second: Path) -> bool:
    names = sorted(path.relative_to(first) for path in first.rglob('*') if path.is_file())
    assert names == sorted(path.relative_to(second) for path in second.rglob('*') if path.is_file())
    assert names
    return all(filecmp.cmp(first / name, second / name, shallow=False) for name in names)


def _run(conversion: Conversion, root: Path, **options):
    return run_conversion(conversion, root, progress=False, **options)


def test_store_holds_what_was_read(tmp_path):
    report = _run(_conversion(), tmp_path / 'toy')
    store = SkeletonStore(tmp_path / 'toy')
    assert report.written == len(store) == COUNT
    assert store.verify() == []
    for i in range(COUNT):
        expected = _read(str(i))
        clip = store[i]
        assert clip['frame_dir'] == f'clip{i}'
        np.testing.assert_allclose(clip['keypoint'], expected.keypoint, rtol=1e-6)
        np.testing.assert_allclose(clip['keypoint_score'], expected.score, rtol=1e-6)
        assert (clip['label'], clip['img_shape'], clip['fps']) == (i % 3, (240, 320), 25.0)
    assert store.split('test').tolist() == [0, 4, 8]
    assert store.split('train').tolist() == [1, 2, 3, 5, 6, 7, 9, 10, 11]
    assert store.split('none').tolist() == []


@pytest.mark.parametrize('kill_at', [0, 1, 7, COUNT - 1])
def test_killed_run_resumes_to_the_same_bytes(tmp_path, kill_at):
    _run(_conversion(), tmp_path / 'whole')
    root = tmp_path / 'killed'
    fork = multiprocessing.get_context('fork')
    process = fork.Process(target=_run, args=(_conversion(kill_at=kill_at), root))
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
    assert not root.exists()
    report = _run(_conversion(), root)
    assert (report.resumed, report.written) == (kill_at, COUNT)
    assert _same_files(tmp_path / 'whole', root)


def test_killed_run_with_bad_clips_lists_them_all_after_resuming(tmp_path):
    root = tmp_path / 'killed'
    bad = (2, 9)
    fork = multiprocessing.get_context('fork')
    process = fork.Process(
        target=_run, args=(_conversion(kill_at=6, bad=bad), root), kwargs=dict(skip_bad=True)
    )
    process.start()
    process.join(60)
    report = _run(_conversion(bad=bad), root, skip_bad=True)
    _run(_conversion(bad=bad), tmp_path / 'whole', skip_bad=True)
    assert list(report.bad) == ['clip2', 'clip9']
    assert _same_files(tmp_path / 'whole', root)


def test_workers_give_the_same_bytes(tmp_path):
    _run(_conversion(bad=(3,)), tmp_path / 'one', skip_bad=True)
    _run(_conversion(bad=(3,)), tmp_path / 'two', skip_bad=True, workers=2)
    assert _same_files(tmp_path / 'one', tmp_path / 'two')


@pytest.mark.parametrize('workers', [0, 2])
def test_first_bad_clip_stops_and_what_was_written_stays(tmp_path, workers):
    root = tmp_path / 'toy'
    with pytest.raises(BadClipError, match=r'file-5: broken(.|\n)*--skip-bad'):
        _run(_conversion(bad=(5, 8)), root, workers=workers)
    assert not root.exists()
    report = _run(_conversion(bad=(5, 8)), root, skip_bad=True)
    assert report.resumed == 5
    assert report.bad == {'clip5': 'file-5: broken', 'clip8': 'file-8: broken'}
    assert report.bad_file.read_text() == 'clip5\tfile-5: broken\nclip8\tfile-8: broken\n'
    store = SkeletonStore(root)
    assert 'clip5' not in list(store.ids)
    # the split names only clips that are there
    assert [store.ids[row] for row in store.split('test')] == ['clip0', 'clip4']


def _read_nan(source: str) -> Clip:
    clip = _read(source)
    if source == '4':
        clip.keypoint[0, 1, 2, 0] = np.nan
    return clip


def test_clip_that_the_store_refuses_is_a_bad_clip(tmp_path):
    conversion = _conversion()
    conversion = Conversion(**{**conversion.__dict__, 'read': _read_nan})
    with pytest.raises(BadClipError, match=r"clip 'clip4': .*finite"):
        _run(conversion, tmp_path / 'toy')
    assert list(_run(conversion, tmp_path / 'toy', skip_bad=True).bad) == ['clip4']


def test_list_of_bad_clips_of_an_earlier_run_goes(tmp_path):
    report = _run(_conversion(bad=(1,)), tmp_path / 'toy', skip_bad=True)
    assert report.bad_file.exists()
    report = _run(_conversion(), tmp_path / 'toy', overwrite=True)
    assert not report.bad_file.exists()


def test_finished_store_is_replaced_only_on_demand(tmp_path):
    root = tmp_path / 'toy'
    _run(_conversion(), root)
    with pytest.raises(FileExistsError, match=str(root)):
        _run(_conversion(bad=(0,)), root, skip_bad=True)
    assert len(SkeletonStore(root)) == COUNT
    _run(_conversion(bad=(0,)), root, skip_bad=True, overwrite=True)
    assert len(SkeletonStore(root)) == COUNT - 1


def test_resuming_with_other_settings_is_refused(tmp_path):
    with pytest.raises(BadClipError):
        _run(_conversion(bad=(5,)), tmp_path / 'toy')
    with pytest.raises(StoreError, match='dtype'):
        _run(_conversion(), tmp_path / 'toy', dtype='float16')


def test_two_clips_of_one_name_are_refused(tmp_path):
    conversion = _conversion()
    conversion.jobs.append(Job('clip3', 'another'))
    with pytest.raises(ValueError, match=r"'clip3': 3 and another"):
        _run(conversion, tmp_path / 'toy')


def test_no_clip_at_all_is_refused(tmp_path):
    with pytest.raises(StoreError):
        _run(_conversion(bad=tuple(range(COUNT))), tmp_path / 'toy', skip_bad=True)


def test_class_file(tmp_path):
    path = tmp_path / 'classes.txt'
    path.write_text('walk\n\n sit down \n')
    assert read_class_file(path) == ['walk', 'sit down']
    path.write_text('walk\nsit\nwalk\n')
    with pytest.raises(ValueError, match=r"classes.txt.*\['walk'\] repeated"):
        read_class_file(path)
    path.write_text('\n')
    with pytest.raises(ValueError, match='found none'):
        read_class_file(path)
