"""The cache of videos: small frames with their true times, bad videos skipped, and training that reads it."""

from __future__ import annotations

import re
import shutil

import numpy as np
import pytest
import torch
from mmengine.registry import init_default_scope

from mmactrep.datasets.video import cached_dataset, caching
from mmactrep.datasets.video.caching import CacheError, CacheSettings, cache_videos, shrink_video, small_size
from mmactrep.registry import DATASETS
from mmactrep.store.format import StoreError
from mmactrep.store.video_store import VideoStore
from mmactrep.video.frames import VideoFrames
from tests.helpers.training import load_tool
from tests.helpers.video_sets import clip_pipeline, moving_square, video_folder
from tests.helpers.videos import make_video
from tests.store.test_skeleton_store import files_of


@pytest.fixture(scope='module')
def videos(tmp_path_factory):
    return video_folder(tmp_path_factory.mktemp('videos'))


@pytest.fixture(scope='module')
def cache(videos, tmp_path_factory):
    root = tmp_path_factory.mktemp('cache') / 'cache'
    cache_videos(listed(videos), root, CacheSettings(short_side=40, quality=95), progress=False)
    return root


def listed(ann_file):
    lines = [line.rsplit(' ', 1)[0] for line in ann_file.read_text().splitlines()]
    return [(name, ann_file.parent / name) for name in lines]


def cached(ann_file, root, **kwargs):
    init_default_scope('mmactrep')
    kwargs = dict(pipeline=clip_pipeline()) | kwargs
    return DATASETS.build(dict(type='CachedVideoDataset', ann_file=str(ann_file), cache=str(root), **kwargs))


def test_sizes():
    assert small_size((240, 320), 120) == (120, 160)
    assert small_size((320, 240), 120) == (160, 120)
    assert small_size((100, 150), 120) == (100, 150)  # never enlarged


def test_frames_are_those_of_the_video_shrunk(videos, cache):
    store = VideoStore(cache)
    for name, path in listed(videos):
        video, small = VideoFrames(path), store.open(name)
        np.testing.assert_allclose(small.seconds, video.times.seconds)
        frames = small.pick(range(len(small)))
        assert len(frames) == 24 and frames[0].shape == (40, 53, 3)
        for frame, original in zip(frames, video):
            # the mean color survives shrinking and JPEG
            np.testing.assert_allclose(frame.mean((0, 1)), original.mean((0, 1)), atol=2)


def test_every_second_frame_keeps_its_time(tmp_path):
    ticks = [0, 1, 2, 10, 11, 30, 31]
    path = make_video(tmp_path / 'uneven.mp4', moving_square(0, 7), fps=10, ticks=ticks)
    small = shrink_video(path, CacheSettings(every=2))
    np.testing.assert_allclose(small.seconds, [0, 0.2, 1.1, 3.1], atol=1e-3)
    assert len(small.jpegs) == 4 and small.duration == pytest.approx(3.2, abs=1e-3)
    assert small.size == (48, 64)


@pytest.mark.parametrize('workers', [0, 2])
def test_an_interrupted_run_resumes_to_the_same_bytes(videos, cache, tmp_path, workers, monkeypatch):
    settings = CacheSettings(short_side=40, quality=95)
    add, count = caching.VideoStoreWriter.add, []

    def interrupted(self, *args):
        count.append(1)
        if len(count) == 4:
            raise KeyboardInterrupt
        add(self, *args)

    monkeypatch.setattr(caching.VideoStoreWriter, 'add', interrupted)
    with pytest.raises(KeyboardInterrupt):
        cache_videos(listed(videos), tmp_path / 'c', settings, workers, progress=False)
    report = cache_videos(listed(videos), tmp_path / 'c', settings, workers, progress=False)
    assert (report.written, report.resumed) == (6, 3)
    assert files_of(tmp_path / 'c') == files_of(cache)


def test_bad_videos_are_skipped_and_listed(videos, tmp_path):
    good = listed(videos)[0][1]
    shutil.copy(good, tmp_path / 'good.mp4')
    (tmp_path / 'cut.mp4').write_bytes(good.read_bytes()[: good.stat().st_size // 2])
    (tmp_path / 'empty.mp4').write_bytes(b'')
    make_video(tmp_path / 'one.mp4', moving_square(0, 1))
    names = ['absent.mp4', 'cut.mp4', 'empty.mp4', 'good.mp4', 'one.mp4']
    found = [(name, tmp_path / name) for name in names]
    report = cache_videos(found, tmp_path / 'c', CacheSettings(), progress=False)
    assert (report.written, sorted(report.skipped)) == (2, ['absent.mp4', 'cut.mp4', 'empty.mp4'])
    lines = dict(line.split('\t') for line in report.skipped_file.read_text().splitlines())
    assert sorted(lines) == sorted(report.skipped) and 'no such file' in lines['absent.mp4']
    assert 'the file is empty' in lines['empty.mp4']
    with pytest.raises(CacheError, match=r'none of 1 videos can be used.*the file is empty'):
        cache_videos(found[2:3], tmp_path / 'none', CacheSettings(), progress=False)
    assert not (tmp_path / 'none').exists() and not (tmp_path / 'none.partial').exists()


def test_training_reads_the_same_clips_from_the_cache_as_from_the_files(videos, cache):
    steps = clip_pipeline(num_clips=4)
    steps = {name: step for name, step in steps.items() if name in ('open', 'sample', 'read')}
    from_cache = cached(videos, cache, pipeline=steps)
    init_default_scope('mmactrep')
    from_files = DATASETS.build(dict(type='VideoClipDataset', ann_file=str(videos), pipeline=steps))
    for dataset in (from_cache, from_files):
        dataset.set_seed_and_epoch(3, 1)
    for i in range(6):
        one, other = from_cache[i], from_files[i]
        np.testing.assert_array_equal(one['frame_inds'], other['frame_inds'])
        np.testing.assert_allclose(one['clip_times'], other['clip_times'])
        assert (one['frame_dir'], one['label']) == (other['frame_dir'], other['label'])
    assert cached(videos, cache)[0]['inputs'].shape == (3, 3, 4, 32, 32)


@pytest.mark.parametrize('workers', [0, 2])
def test_loader_processes_give_the_same_batches(videos, cache, workers):
    dataset = cached(videos, cache)
    dataset.set_seed_and_epoch(0, 0)
    expected = [dataset[i]['inputs'] for i in range(6)]
    loader = torch.utils.data.DataLoader(
        dataset, num_workers=workers, collate_fn=lambda batch: batch[0]['inputs'], batch_size=1
    )
    for found, one in zip(loader, expected, strict=True):
        torch.testing.assert_close(found, one)


def test_skipped_videos_are_left_out_and_told(videos, tmp_path, monkeypatch):
    said = []
    monkeypatch.setattr(cached_dataset, 'print_log', lambda message, **_: said.append(message))
    root = videos.parent
    ann_file = tmp_path / 'list.txt'
    ann_file.write_text('bad.mp4 0\n' + videos.read_text())
    names = [('bad.mp4', tmp_path / 'bad.mp4'), *listed(videos)]
    cache_videos(names, tmp_path / 'c', CacheSettings(), progress=False)
    dataset = cached(ann_file, tmp_path / 'c', data_prefix=dict(video=str(root)))
    assert len(dataset) == 6 and dataset.labels.tolist() == [0, 1, 2, 0, 1, 2]
    assert dataset[0]['data_samples'].gt_label == 0 and len(said) == 1
    assert '1 of 7 videos could not be cached' in said[0] and 'bad.mp4: no such file' in said[0]
    ann_file.write_text('other.mp4 0\n' + videos.read_text())
    with pytest.raises(StoreError, match=r'lacks 1 of 7 videos .* the first: other\.mp4'):
        len(cached(ann_file, tmp_path / 'c'))
    with pytest.raises(StoreError, match=r'no video store at .*\nrun the tool'):
        len(cached(ann_file, tmp_path / 'absent', cache_hint='run the tool'))


def test_the_command(videos, tmp_path, capsys):
    tool = load_tool('data/cache_videos.py')
    call = [str(videos), '--out', str(tmp_path / 'c'), '--short-side', '32', '--workers', '0', '--quiet']
    assert tool.main(call) == 0
    assert re.search(r'c: 6 videos, 0\.\d MB', capsys.readouterr().out)
    assert tool.main(call) == 1 and '--overwrite replaces it' in capsys.readouterr().err
    # a folder instead of a list
    folder = [str(videos.parent), '--out', str(tmp_path / 'f'), '--workers', '0', '--quiet']
    assert tool.main(folder) == 0
    assert [*VideoStore(tmp_path / 'f').ids] == sorted(name for name, _ in listed(videos))
    assert tool.main([str(tmp_path / 'nothing.txt'), '--out', str(tmp_path / 'g')]) == 1
    verify = load_tool('data/verify_store.py')
    assert verify.main([str(tmp_path / 'c')]) == 0 and 'intact' in capsys.readouterr().out


def test_the_benchmarks(tmp_path, videos, capsys):
    pytest.importorskip('decord')
    # mmaction2's own data set takes no blanks in names
    for name in ('a.mp4', 'b.mp4'):
        make_video(tmp_path / name, moving_square(0))
    (tmp_path / 'list.txt').write_text('a.mp4 0\nb.mp4 0\n')
    names = [(name, tmp_path / name) for name in ('a.mp4', 'b.mp4')]
    cache_videos(names, tmp_path / 'c', CacheSettings(), progress=False)
    tool = load_tool('analysis/benchmark_videos.py')
    call = ['--cache', str(tmp_path / 'c'), '--rounds', '1', '--size', '32', '--stride', '2']
    assert tool.main([str(tmp_path / 'list.txt'), *call]) == 0
    printed = capsys.readouterr().out
    rates = dict(re.findall(r'^(\w+) +([\d.]+) clips/s', printed, re.MULTILINE))
    assert [*rates] == ['cache', 'videos', 'mmaction2'] and float(rates['cache']) > 0
    assert re.search(r'mmaction2 .*1\.00 x mmaction2', printed)
    formats = load_tool('analysis/benchmark_video_formats.py')
    assert formats.main([str(videos.parent / 'enter'), '--short-side', '32']) == 0
    printed = capsys.readouterr().out
    for name in ('plain pixels', 'JPEGs in one file', 'small videos', 'the given videos'):
        assert re.search(rf'{name} +\d+\.\d +\d+ +\d+', printed)


def test_two_videos_of_one_name_are_refused(tmp_path):
    for place in 'ab':
        (tmp_path / place).mkdir()
        make_video(tmp_path / place / 'x.mp4', moving_square(0, 7))
    both = [('x.mp4', tmp_path / place / 'x.mp4') for place in 'ab']
    with pytest.raises(CacheError, match=r"'x\.mp4' is .*a.x\.mp4 and .*b.x\.mp4: a cache has one video"):
        cache_videos(both, tmp_path / 'cache', CacheSettings(), progress=False)
    # the same file in two lists is one video
    again = [both[0], ('x.mp4', tmp_path / 'a' / '..' / 'a' / 'x.mp4')]
    assert cache_videos(again, tmp_path / 'cache', CacheSettings(), progress=False).written == 1
