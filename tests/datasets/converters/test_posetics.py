"""Posetics and its stand-in, from small files in the real format."""

from __future__ import annotations

import json

import numpy as np
import pytest

from mmactrep.datasets.converters.posetics import posetics, video_id
from mmactrep.datasets.converters.runner import run_conversion
from mmactrep.store.format import BadClipError
from mmactrep.store.reader import SkeletonStore

IDS = ['--Qc-c_.Ab0', 'abcdefghijk', 'a_000001_00', 'zzzzzzzzzzz', 'noskeleton0']


def write_dataset(root, frames=4):
    """Three training clips, one without a skeleton and one for validation."""
    rng = np.random.default_rng(0)
    labels = {'train': {}, 'val': {}}
    for i, clip in enumerate(IDS):
        split = 'val' if i == 3 else 'train'
        labels[split][clip] = dict(label_index=10 * i, has_skeleton=clip != 'noskeleton0')
        (root / split).mkdir(parents=True, exist_ok=True)
        persons = [
            [dict(pose2d=rng.uniform(1, 600, 26).tolist(), pose3d=rng.uniform(1, 2, 39).tolist())] * (i + 1)
            for _ in range(frames)
        ]
        if clip == 'noskeleton0':
            persons = [[]] * frames
        (root / split / f'{clip}_000012_000022.json').write_text(json.dumps(dict(frames=persons)))
    for split, content in labels.items():
        (root / f'posetics_{split}_label.json').write_text(json.dumps(content))
    return labels


def test_video_id_counts_from_the_end():
    for clip in IDS:
        assert video_id(f'{clip}_000012_000022.json') == clip
    assert video_id('prefix_abcdefghijk_000012_000022.json') == 'abcdefghijk'
    with pytest.raises(ValueError, match=r'short.json'):
        video_id('short.json')


@pytest.mark.parametrize('dims', [2, 3])
def test_store(tmp_path, dims):
    write_dataset(tmp_path / 'src')
    conversion = posetics(tmp_path / 'src', dims=dims)
    run_conversion(conversion, tmp_path / 'store', progress=False)
    store = SkeletonStore(tmp_path / 'store')
    assert sorted(store.ids) == sorted(f'{clip}_000012_000022' for clip in IDS[:4])
    assert [store.ids[row][:11] for row in store.split('val')] == ['zzzzzzzzzzz']
    assert len(store.split('train')) == 3
    row = store.find('a_000001_00_000012_000022')
    clip = store[row]
    assert clip['label'] == 20
    assert clip['keypoint'].shape == (2, 4, 17, dims)  # of three persons, two
    assert clip['img_shape'] == (480, 640)
    source = json.loads((tmp_path / 'src/train/a_000001_00_000012_000022.json').read_text())
    numbers = source['frames'][2][1][f'pose{dims}d']
    np.testing.assert_allclose(clip['keypoint'][1, 2, 0], numbers[12::13], rtol=1e-5)  # head
    assert store.classes == [f'class_{i:03d}' for i in range(320)]
    assert store.attributes == dict(source='Posetics')
    assert any('1 clips without a skeleton' in note for note in conversion.notes)


def test_stand_in_says_so(tmp_path):
    write_dataset(tmp_path)
    (tmp_path / 'classes.txt').write_text('\n'.join(f'motion {i}' for i in range(31)))
    (tmp_path / 'standin.json').write_text(json.dumps(dict(seed=7, noise=0.1)))
    run_conversion(posetics(tmp_path), tmp_path / 'store', progress=False)
    store = SkeletonStore(tmp_path / 'store')
    assert store.attributes['source'] == 'stand-in'
    assert store.attributes['standin'] == dict(seed=7, noise=0.1)
    assert store.classes[30] == 'motion 30'


def test_frames_and_persons_are_limited(tmp_path):
    write_dataset(tmp_path, frames=9)
    conversion = posetics(tmp_path, max_frames=5, max_persons=1)
    for job in conversion.jobs:
        assert conversion.read(job.source).keypoint.shape == (1, 5, 17, 2)


def test_other_folder_names(tmp_path):
    write_dataset(tmp_path)
    (tmp_path / 'train').rename(tmp_path / 'json_train')
    (tmp_path / 'val').rename(tmp_path / 'json_val')
    with pytest.raises(FileNotFoundError, match='train'):
        posetics(tmp_path)
    assert len(posetics(tmp_path, folders=('json_train', 'json_val')).jobs) == 4


def test_clip_without_label_and_label_without_clip(tmp_path):
    labels = write_dataset(tmp_path)
    del labels['train']['abcdefghijk']
    labels['train']['notdownload'] = dict(label_index=1, has_skeleton=True)
    (tmp_path / 'posetics_train_label.json').write_text(json.dumps(labels['train']))
    conversion = posetics(tmp_path)
    assert any('1 clips of posetics_train_label.json have no file' in note for note in conversion.notes)
    with pytest.raises(BadClipError, match=r'abcdefghijk_000012_000022.json.*no label'):
        run_conversion(conversion, tmp_path / 'store', progress=False)
    report = run_conversion(conversion, tmp_path / 'store', skip_bad=True, progress=False)
    assert (report.written, list(report.bad)) == (3, ['abcdefghijk_000012_000022'])


def test_label_outside_the_classes(tmp_path):
    labels = write_dataset(tmp_path)
    labels['val']['zzzzzzzzzzz']['label_index'] = 320
    (tmp_path / 'posetics_val_label.json').write_text(json.dumps(labels['val']))
    with pytest.raises(BadClipError, match=r'zzzzzzzzzzz.*320 .*320 classes'):
        run_conversion(posetics(tmp_path), tmp_path / 'store', progress=False)


@pytest.mark.parametrize('content', ['{"abcdefghijk": {"label', '[1, 2]', '{"abcdefghijk": 3}'])
def test_bad_label_file_is_named(tmp_path, content):
    write_dataset(tmp_path)
    (tmp_path / 'posetics_val_label.json').write_text(content)
    with pytest.raises(ValueError, match=r'posetics_val_label.json'):
        posetics(tmp_path)
