"""Merged shards of features are what one process would have written."""

from __future__ import annotations

import numpy as np
import pytest

from mmactrep.pose.extraction.merging import merge_stores
from mmactrep.store import FeatureStore, FeatureStoreWriter, StoreError
from mmactrep.store.shards import Shard, find_shards, finished_clips, note_empty
from tests.store.test_skeleton_store import files_of
from tests.store.test_skeleton_store import write as write_skeletons

CLASSES = ('wave', 'sit', 'kick')
CLIPS = [f'clip_{(i * 5) % 11}' for i in range(11)]
ORIGIN = dict(source='test')


def write(root, clips, shard=None, teacher='words', kind='text', **attributes):
    """Clips whose number gives their class; those of one class share their features."""
    attributes = ORIGIN | attributes | (dict(shard=list(shard)) if shard else {})
    with FeatureStoreWriter(root, teacher, kind, 4, attributes) as writer:
        for name in clips:
            label = int(name.removeprefix('clip_')) % 3
            rows = np.random.default_rng(label).normal(size=(1 + label, 4))
            writer.add(name, rows, CLASSES[label] if kind == 'text' else '')
        writer.finish()
    return root


def write_shards(root, count, **kwargs):
    shards = [Shard(i, count) for i in range(count)]
    return [write(shard.root(root), shard.of(CLIPS), (i, count), **kwargs) for i, shard in enumerate(shards)]


@pytest.mark.parametrize('kind', ['text', 'video'])
@pytest.mark.parametrize('count', [2, 3, 11])
def test_merged_shards_are_the_whole_byte_for_byte(tmp_path, count, kind):
    write(tmp_path / 'whole', CLIPS, kind=kind)
    write_shards(tmp_path / 'merged', count, kind=kind)
    merge_stores(find_shards(tmp_path / 'merged'), tmp_path / 'merged')
    assert files_of(tmp_path / 'whole') == files_of(tmp_path / 'merged')
    rows = sum(1 + int(name.removeprefix('clip_')) % 3 for name in CLIPS)
    assert FeatureStore(tmp_path / 'merged').meta['num_rows'] == (6 if kind == 'text' else rows)


def test_a_shard_without_clips_and_a_killed_merge(tmp_path):
    root = tmp_path / 'merged'
    write(Shard(0, 3).root(root), CLIPS[:4], (0, 3))
    note_empty(Shard(1, 3).root(root), ORIGIN | dict(shard=[1, 3]))
    write(Shard(2, 3).root(root), CLIPS[4:], (2, 3))
    assert finished_clips(Shard(0, 3).root(root), ORIGIN | dict(shard=[0, 3])) == 4
    assert finished_clips(Shard(1, 3).root(root), ORIGIN | dict(shard=[1, 3])) == 0
    assert finished_clips(Shard(2, 3).root(root), ORIGIN) is None
    first = FeatureStore(Shard(0, 3).root(root))
    with FeatureStoreWriter(root, 'words', 'text', 4, ORIGIN) as writer:  # a merge that was killed
        for name in CLIPS[:2]:
            writer.add(name, first.features(name), first.category(name))
    merge_stores(find_shards(root), root)
    write(tmp_path / 'whole', CLIPS)
    assert files_of(tmp_path / 'whole') == files_of(root)


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        (lambda r: write(r, CLIPS[4:], (1, 2), teacher='other'), "another.*'words', found 'other'"),
        (lambda r: write(r, CLIPS[4:], (1, 2), kind='video'), "its kind is another.*'text', found 'video'"),
        (lambda r: write(r, CLIPS[4:], (1, 2), source='b'), 'other settings.*source differ'),
        (lambda r: write(r, CLIPS[3:], (1, 2)), f"clip '{CLIPS[3]}' is in .*00000-of-.* and in .*00001-of-"),
        (lambda r: write_skeletons(r, attributes=ORIGIN | dict(shard=[1, 2])), 'its format is another'),
    ],
)  # fmt: skip
def test_what_does_not_belong_together_is_refused(tmp_path, change, message):
    root = tmp_path / 'merged'
    write(Shard(0, 2).root(root), CLIPS[:4], (0, 2))
    change(Shard(1, 2).root(root))
    with pytest.raises(StoreError, match=message):
        merge_stores([Shard(i, 2).root(root) for i in range(2)], root)
    assert not root.exists()


def test_damaged_parts_are_refused(tmp_path):
    parts = write_shards(tmp_path / 'merged', 2)
    path = parts[1] / 'features.npy'
    content = bytearray(path.read_bytes())
    content[-3] ^= 1
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r'not sound: features\.npy: checksum differs'):
        merge_stores(parts, tmp_path / 'merged')
