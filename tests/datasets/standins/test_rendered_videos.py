"""Rendered data sets: folders of classes, lists, disjoint people, and runs that continue."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from mmengine.registry import init_default_scope

from mmactrep.datasets.standins import rendered_videos
from mmactrep.datasets.standins.rendered_videos import CHARACTERS, Plan, RenderError, write_videos
from mmactrep.datasets.video.annotations import folder
from mmactrep.datasets.video.annotations.annotation import VideoFolder
from mmactrep.datasets.video.dataset import VideoClipDataset
from mmactrep.engine.composed_config import compose_config
from mmactrep.motion.rendering.scenes import RenderSettings, render_clip
from mmactrep.registry import DATASETS
from mmactrep.video.frames import VideoFrames
from tests.helpers.training import load_tool

SETTINGS = RenderSettings(size=(48, 64), seconds=(1.0, 1.3))
PLAN = Plan(dict(train=2, test=1), ('sit_down', 'stand_up', 'wave'), 7, SETTINGS)


@pytest.fixture(scope='module')
def rendered(tmp_path_factory):
    root = tmp_path_factory.mktemp('rendered') / 'set'
    seconds = write_videos(PLAN, root, progress=False)
    return root, seconds


def test_the_folder_is_like_that_of_a_real_data_set(rendered):
    root, seconds = rendered
    assert 9 * 1.0 < seconds < 9 * 1.35
    assert (root / 'classes.txt').read_text().split() == ['sit_down', 'stand_up', 'wave']
    assert (root / 'time_pairs.txt').read_text() == 'sit_down stand_up\n'
    assert (root / 'test.txt').read_text().splitlines()[1] == 'test/stand_up/stand_up_0000.mp4 1'
    # the lists say what the folders say
    annotation = folder.annotate(VideoFolder(root / 'videos'))
    for split in ('train', 'test'):
        listed = {tuple(line.split()) for line in (root / f'{split}.txt').read_text().splitlines()}
        labels = {name: str(i) for i, name in enumerate(annotation.classes[''])}
        assert listed == {(path, labels[name]) for path, name in annotation.splits[split]}
    dataset = VideoClipDataset(str(root / 'train.txt'), [])
    assert len(dataset) == 6 and dataset.metainfo['classes'] == ['sit_down', 'stand_up', 'wave']


@pytest.mark.parametrize('config', ['ltn_rendered_rgb', 'r3d_rendered_rgb'])
def test_the_configs_find_the_videos(rendered, config, repo, tmp_path, monkeypatch):
    (tmp_path / 'rendered').symlink_to(rendered[0], target_is_directory=True)
    monkeypatch.setenv('MMACTREP_DATA_ROOT', str(tmp_path))
    init_default_scope('mmactrep')
    cfg = compose_config(repo / 'configs' / 'ltn' / f'{config}.py')
    dataset = DATASETS.build(cfg.train_dataloader.dataset)
    assert len(dataset) == 6
    for i in range(6):
        assert Path(dataset.get_data_info(i)['filename']).is_file()


def test_the_videos_are_the_clips(rendered):
    root, _ = rendered
    video = VideoFrames(root / 'videos/test/stand_up/stand_up_0000.mp4')
    settings = RenderSettings(size=(48, 64), seconds=(1.0, 1.3), characters=CHARACTERS['test'])
    clip = render_clip('stand_up', (7, 1, 0), settings)
    assert video.fps == clip.fps and len(video) == len(clip.frames)
    for frame, truth in zip(video, clip.frames):
        assert np.abs(frame.astype(int) - truth).mean() < 9  # what the encoder loses, colors at half size


def test_nobody_is_in_both_splits():
    (low, high), (first, last) = CHARACTERS['train'], CHARACTERS['test']
    assert low < high <= first < last


def test_an_interrupted_run_continues(rendered, tmp_path, monkeypatch):
    root, _ = rendered
    count = []

    def interrupted(path, frames, fps):
        count.append(path)
        if len(count) == 4:
            raise KeyboardInterrupt
        return write(path, frames, fps)

    write = rendered_videos.write_video
    monkeypatch.setattr(rendered_videos, 'write_video', interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_videos(PLAN, tmp_path / 'set', progress=False)
    write_videos(PLAN, tmp_path / 'set', workers=2, progress=False)
    names = [path.relative_to(root) for path in sorted(root.rglob('*')) if path.is_file()]
    assert len(names) == 9 + 5
    for name in names:
        assert (tmp_path / 'set' / name).read_bytes() == (root / name).read_bytes(), name


def test_other_settings_need_another_folder(rendered):
    root, _ = rendered
    with pytest.raises(RenderError, match=r'rendered with other settings \(seed\)'):
        write_videos(Plan(PLAN.counts, PLAN.classes, 8, SETTINGS), root, progress=False)
    with pytest.raises(RenderError, match="'dance'"):
        write_videos(Plan(PLAN.counts, ('dance',)), root, progress=False)


def test_the_command(tmp_path, capsys):
    tool = load_tool('data/render_videos.py')
    call = ['--out', str(tmp_path / 'r'), '--train', '1', '--test', '1', '--classes', 'wave', 'clap']
    call += ['--size', '32', '40', '--seconds', '1', '1.1', '--workers', '0', '--quiet']
    assert tool.main(call) == 0
    printed = capsys.readouterr().out
    assert re.search(
        r'4 videos of 2 classes; 4 s of video rendered in \d+ s, [\d.]+ times real time', printed
    )
    assert json.loads((tmp_path / 'r/settings.json').read_text())['size'] == [32, 40]
    assert tool.main([*call[:-1], '--seed', '3']) == 1
    assert 'other settings (seed)' in capsys.readouterr().err


def test_shared_rooms_and_people(tmp_path):
    """A clip is not told from others by its room: there is one room a split here, and one person."""
    plan = Plan(dict(train=2, test=1), ('wave', 'clap'), 7, SETTINGS, shared=(1, 1))
    assert plan.settings_of('train').rooms == (0, 1) and plan.settings_of('train').characters == (0, 1)
    low, high = plan.settings_of('test').rooms
    assert high - low == 1 and low >= 1, 'rooms of the test are in no training clip'

    def tone(name, split, number):
        """Color of the wall in a corner where nobody stands; light and grain differ from clip to clip."""
        settings = replace(plan.settings_of(split), moving=0.0)
        clip = render_clip(name, (7, [*CHARACTERS].index(split), number), settings)
        mean = clip.frames[0, :8, :12].mean((0, 1))
        return mean / mean.sum()

    same = tone('wave', 'train', 0) - tone('clap', 'train', 1)
    other = tone('wave', 'train', 0) - tone('wave', 'test', 0)
    assert np.abs(same).max() < 0.03 < np.abs(other).max()
    one = replace(plan, counts=dict(train=1))
    write_videos(one, tmp_path / 'set', progress=False)
    with pytest.raises(RenderError, match=r'other settings \(shared\)'):
        write_videos(replace(one, shared=None), tmp_path / 'set', progress=False)
    with pytest.raises(RenderError, match=r'1 to 300 shared rooms and people of a split, found \(6, 301\)'):
        write_videos(replace(one, shared=(6, 301)), tmp_path / 'many', progress=False)
    assert not (tmp_path / 'many').exists()


def test_the_test_may_be_in_the_rooms_of_the_training(tmp_path):
    plan = Plan(dict(train=1, test=1), ('wave',), 7, SETTINGS, shared=(2, 3), same_rooms=True)
    train, test = plan.settings_of('train'), plan.settings_of('test')
    assert test.rooms == train.rooms == (0, 2)
    assert train.characters == (0, 3) and test.characters[0] >= 3, 'people are others'
    alone = replace(plan, shared=None)
    fixed = replace(alone, same_rooms=False, settings=replace(SETTINGS, fixed_cameras=True))
    for wrong in (alone, fixed):
        with pytest.raises(RenderError, match='only if rooms are shared'):
            write_videos(wrong, tmp_path / 'none', progress=False)
    # a folder that was begun before there was the choice has other rooms in its test
    write_videos(replace(plan, counts=dict(train=1), same_rooms=False), tmp_path / 'set', progress=False)
    file = tmp_path / 'set/settings.json'
    settings = json.loads(file.read_text())
    assert (settings.pop('same_rooms'), settings.pop('fixed_cameras')) == (False, False)
    file.write_text(json.dumps(settings))
    write_videos(replace(plan, counts=dict(train=1), same_rooms=False), tmp_path / 'set', progress=False)
    with pytest.raises(RenderError, match=r'other settings \(same_rooms\)'):
        write_videos(replace(plan, counts=dict(train=1)), tmp_path / 'set', progress=False)
