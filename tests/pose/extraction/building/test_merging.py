"""Shards become the whole, byte for byte; a row that is lost, or there twice, stops the merge."""

from __future__ import annotations

import shutil

import pytest

from mmactrep.pose.extraction.building.merging import merge_dataset
from mmactrep.store.format import StoreError
from mmactrep.store.shards import Shard
from tests.helpers.building import DoublingLifter, build, files


def build_shards(source, root, count, lifter=None):
    for index in range(count):
        build(source, root, shard=Shard(index, count), lifter=lifter)


def whole_of(root):
    return {name: content for name, content in files(root).items() if '.shard-' not in name}


@pytest.mark.parametrize('count', [2, 4, 9])
@pytest.mark.parametrize('lifter', [None, DoublingLifter()])
def test_merged_shards_are_the_whole_byte_for_byte(source, tmp_path, count, lifter):
    report = build(source, tmp_path / 'whole', lifter=lifter)
    build_shards(source, tmp_path / 'out', count, lifter)
    merged = merge_dataset([source], tmp_path / 'out')
    assert whole_of(tmp_path / 'out') == files(tmp_path / 'whole')
    assert (merged.counts, merged.rows) == (report.counts, 9)


def test_a_merge_that_was_killed_between_the_stores_goes_on(source, tmp_path):
    build(source, tmp_path / 'whole', lifter=DoublingLifter())
    build_shards(source, tmp_path / 'out', 2, DoublingLifter())
    merge_dataset([source], tmp_path / 'out')
    shutil.rmtree(tmp_path / 'out' / '2d')
    merge_dataset([source], tmp_path / 'out')
    assert whole_of(tmp_path / 'out') == files(tmp_path / 'whole')


def edit(root, change):
    """Change the lines of the log of a shard."""
    (log,) = (path for path in root.parent.glob(f'{root.name}*') if path.is_dir())
    log = log / 'videos.jsonl'
    log.write_text(''.join(change(log.read_text().splitlines(keepends=True))))


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        (
            lambda lines: lines[1:],
            r"expected row .*list\.csv:5, clip 'c', in the logs .* found 'broken'",
        ),
        (lambda lines: lines[:-1], r'row .*list\.csv:10 is in no log'),
        (lambda lines: [*lines, lines[-1]], "'d' is in the logs and in none of the lists"),
        (lambda lines: [lines[0], *lines], r"expected row .*list\.csv:6, clip 'broken'.* found 'c'"),
    ],
)
def test_rows_that_are_lost_or_there_twice(source, tmp_path, change, message):
    build_shards(source, tmp_path / 'out', 3)
    index = 1 if 'expected row' in message else 2
    edit(Shard(index, 3).root(tmp_path / 'out' / '2d'), change)
    with pytest.raises(StoreError, match=message):
        merge_dataset([source], tmp_path / 'out')
    assert not (tmp_path / 'out' / '2d').exists()


def test_a_shard_that_is_absent_or_of_another_run(source, tmp_path):
    build_shards(source, tmp_path / 'out', 3)
    with open(source.path, 'a') as file:
        file.write('late,sit,\n')
    with pytest.raises(StoreError, match=r'row .*list\.csv:11 is in no log'):
        merge_dataset([source], tmp_path / 'out')
    shutil.rmtree(Shard(1, 3).root(tmp_path / 'out' / '2d'))
    with pytest.raises(StoreError, match=r'expected 3 shards, absent are \[1\]'):
        merge_dataset([source], tmp_path / 'out')
