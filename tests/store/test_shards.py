"""Sharing work among processes."""

from __future__ import annotations

import pytest

from mmactrep.store.shards import Shard, find_shard


@pytest.mark.parametrize(('size', 'count'), [(10, 3), (3, 8), (0, 2), (16, 4), (1, 1)])
def test_shards_cut_a_list_without_rest(size, count):
    parts = [Shard(i, count).of(range(size)) for i in range(count)]
    assert [item for part in parts for item in part] == list(range(size))
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


def test_a_shard_has_a_number_below_their_count():
    for index, count in ((2, 2), (-1, 3), (0, 0)):
        with pytest.raises(ValueError, match=f'found {index}'):
            Shard(index, count)


@pytest.mark.parametrize(
    ('environment', 'expected'),
    [
        ({}, Shard(0, 1)),
        (dict(RANK='2', WORLD_SIZE='4'), Shard(2, 4)),
        (dict(SLURM_ARRAY_TASK_ID='5', SLURM_ARRAY_TASK_COUNT='8'), Shard(5, 8)),
        (
            dict(SLURM_ARRAY_TASK_ID='7', SLURM_ARRAY_TASK_COUNT='4', SLURM_ARRAY_TASK_MIN='1',
                 SLURM_ARRAY_TASK_MAX='7', SLURM_ARRAY_TASK_STEP='2'),
            Shard(3, 4),
        ),
        (dict(SLURM_ARRAY_TASK_ID='1', SLURM_ARRAY_TASK_COUNT='3', RANK='1', WORLD_SIZE='2'), Shard(3, 6)),
    ],
)  # fmt: skip
def test_the_shard_is_found_in_the_environment(environment, expected):
    assert find_shard(None, environment) == expected
    assert find_shard('1/16', environment) == Shard(1, 16)


def test_arrays_with_gaps_and_bad_specs_are_refused():
    with pytest.raises(ValueError, match='SLURM_ARRAY_TASK_ID=9 is no place in an array of 3'):
        find_shard(None, dict(SLURM_ARRAY_TASK_ID='9', SLURM_ARRAY_TASK_COUNT='3'))
    for spec in ('3', '1:4', 'a/b', '-1/4'):
        with pytest.raises(ValueError, match='expected i/n'):
            find_shard(spec, {})
    with pytest.raises(ValueError, match='found 4'):
        find_shard('4/4', {})
