"""Merging the stores that processes wrote."""

from __future__ import annotations

import filecmp
import json
from pathlib import Path

import numpy as np
import pytest

from mmactrep.pose.extraction.merging import merge_stores
from mmactrep.store.format import StoreError
from mmactrep.store.reader import SkeletonStore
from mmactrep.store.shards import Shard, find_shards, note_empty
from mmactrep.store.writer import SkeletonStoreWriter

CLIPS = [(f'clip{i}', 3 + i, 1 + i % 2) for i in range(7)]


def write(root, clips, shard=None, layout='coco17', classes=('sit', 'run'), **attributes):
    attributes = dict(dict(list='same', settings=dict(fill_gap=5)), **attributes)
    if shard is not None:
        attributes['shard'] = list(shard)
    root.parent.mkdir(parents=True, exist_ok=True)
    with SkeletonStoreWriter(root, layout, classes=classes, attributes=attributes) as writer:
        for name, frames, persons in clips:
            rng = np.random.default_rng(frames)
            joints = writer.layout.num_joints
            pose = rng.normal(size=(persons, frames, joints, 2))
            segments = [(0, 0, 2)] if frames == 4 else []
            writer.add(name, pose, rng.random(pose.shape[:-1]), frames % 2, (48, 64), 25.0, segments)
        writer.add_split('all', [name for name, *_ in clips])
        writer.finish()
    return root


def write_shards(root, count, clips=CLIPS, **kwargs):
    return [
        write(Shard(i, count).root(root), Shard(i, count).of(clips), (i, count), **kwargs)
        for i in range(count)
    ]


def same_files(a, b):
    names = sorted(path.relative_to(a).as_posix() for path in Path(a).rglob('*') if path.is_file())
    assert names == sorted(path.relative_to(b).as_posix() for path in Path(b).rglob('*') if path.is_file())
    match, *differ = filecmp.cmpfiles(a, b, names, shallow=False)
    return not any(differ) and sorted(match) == names


@pytest.mark.parametrize('count', [1, 2, 3, 7])
def test_merged_shards_are_the_whole_byte_for_byte(tmp_path, count):
    whole = write(tmp_path / 'whole', CLIPS)
    if count == 1:
        merge_stores([whole], tmp_path / 'merged')
    else:
        write_shards(tmp_path / 'merged', count)
        merge_stores(find_shards(tmp_path / 'merged'), tmp_path / 'merged')
    assert same_files(whole, tmp_path / 'merged')
    store = SkeletonStore(tmp_path / 'merged')
    assert store.verify() == [] and list(store.ids) == [name for name, *_ in CLIPS]


def test_a_shard_without_clips(tmp_path):
    root = tmp_path / 'merged'
    write(Shard(0, 3).root(root), CLIPS[:4], (0, 3))
    write(Shard(2, 3).root(root), CLIPS[4:], (2, 3))
    with pytest.raises(StoreError, match=r'expected 3 shards, absent are \[1\]'):
        find_shards(root)
    note_empty(Shard(1, 3).root(root), dict(list='same', settings=dict(fill_gap=5), shard=[1, 3]))
    merge_stores(find_shards(root), root)
    assert same_files(write(tmp_path / 'whole', CLIPS), root)


def test_a_killed_merge_is_taken_up(tmp_path):
    root = tmp_path / 'merged'
    parts = write_shards(root, 3)
    common = {k: v for k, v in SkeletonStore(parts[0]).attributes.items() if k != 'shard'}
    with SkeletonStoreWriter(root, 'coco17', classes=('sit', 'run'), attributes=common) as writer:
        clip = SkeletonStore(parts[0])[0]
        writer.add('clip0', clip['keypoint'], clip['keypoint_score'], clip['label'], (48, 64), 25.0)
    merge_stores(parts, root)
    assert same_files(write(tmp_path / 'whole', CLIPS), root)


def test_float16_stays_what_it_was(tmp_path):
    with SkeletonStoreWriter(tmp_path / 'half', 'coco17', dtype='float16') as writer:
        writer.add('a', np.random.default_rng(0).normal(size=(1, 5, 17, 2)))
        writer.finish()
    merge_stores([tmp_path / 'half'], tmp_path / 'merged')
    assert same_files(tmp_path / 'half', tmp_path / 'merged')


def break_file(store):
    content = bytearray((store / 'keypoint.npy').read_bytes())
    content[-3] ^= 0x10
    (store / 'keypoint.npy').write_bytes(content)


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        (lambda r: write(r, CLIPS[4:], (1, 2), layout='penn13'), "another.*'coco17', found 'penn13'"),
        (lambda r: write(r, CLIPS[4:], (1, 2), classes=('sit', 'stand')), 'its classes is another'),
        (lambda r: write(r, CLIPS[4:], (1, 2), settings=dict(fill_gap=0)), 'other settings.*settings differ'),
        (lambda r: write(r, CLIPS[4:], (1, 2), list='other'), 'other settings.*list differ'),
        (lambda r: write(r, CLIPS[3:], (1, 2)), "clip 'clip3' is in .*00000-of-.* and in .*00001-of-"),
        (lambda r: write(r, CLIPS[4:], (1, 3)), 'expected all shards of one run in their order'),
        (lambda r: break_file(write(r, CLIPS[4:], (1, 2))), 'not sound: .*checksum differs'),
    ],
)  # fmt: skip
def test_what_does_not_belong_together_is_refused(tmp_path, change, message):
    root = tmp_path / 'merged'
    write(Shard(0, 2).root(root), CLIPS[:4], (0, 2))
    change(Shard(1, 2).root(root))
    with pytest.raises(StoreError, match=message):
        merge_stores([Shard(i, 2).root(root) for i in range(2)], root)
    assert not root.exists()


def test_the_wrong_order_and_a_part_are_refused(tmp_path):
    parts = write_shards(tmp_path / 'merged', 3)
    for wrong in (parts[::-1], parts[:2], parts[1:]):
        with pytest.raises(StoreError, match='expected all shards of one run'):
            merge_stores(wrong, tmp_path / 'merged')


def test_shards_of_two_runs_are_told_apart(tmp_path):
    write_shards(tmp_path / 'merged', 2)
    write_shards(tmp_path / 'merged', 3)
    with pytest.raises(StoreError, match=r'found parts of runs in \[2, 3\] shards'):
        find_shards(tmp_path / 'merged')
    with pytest.raises(StoreError, match='found none'):
        find_shards(tmp_path / 'absent')


def test_only_empty_shards_make_no_store(tmp_path):
    for i in range(2):
        note_empty(Shard(i, 2).root(tmp_path / 'merged'), dict(shard=[i, 2]))
    found = find_shards(tmp_path / 'merged')
    assert [json.loads(path.read_text())['shard'] for path in found] == [[0, 2], [1, 2]]
    with pytest.raises(StoreError, match='all of the 2 parts are without clips'):
        merge_stores(found, tmp_path / 'merged')
