"""Shares of several data sets in an epoch."""

from __future__ import annotations

import tracemalloc
from collections import Counter
from unittest import mock

import pytest
from mmengine.dataset import BaseDataset, ConcatDataset, DefaultSampler

from mmactrep.datasets.samplers import EpochSampler, MixtureSampler, share_counts
from mmactrep.registry import DATA_SAMPLERS


class Numbers(BaseDataset):
    def __init__(self, count):
        self.count = count
        super().__init__()

    def load_data_list(self):
        return [dict(number=i) for i in range(self.count)]


@pytest.fixture
def dataset():
    return ConcatDataset([Numbers(10), Numbers(3), Numbers(50)])


def parts(indices):
    return [[i for i in indices if low <= i < high] for low, high in ((0, 10), (10, 13), (13, 63))]


def test_shares_are_met_and_clips_come_in_turn(dataset):
    sampler = MixtureSampler(dataset, shares=(0.5, 0.25, 0.25), samples=40, seed=0)
    indices = list(sampler)
    first, second, third = parts(indices)
    assert (len(first), len(second), len(third)) == (20, 10, 10) and len(sampler) == 40
    assert set(Counter(first).values()) == {2}
    assert sorted(Counter(second).values()) == [3, 3, 4]
    assert set(Counter(third).values()) == {1}
    # they are mixed
    assert indices != first + second + third


def test_epochs_differ_and_repeat(dataset):
    sampler = MixtureSampler(dataset, shares=(1, 1, 1), samples=30, seed=3)
    first = list(sampler)
    sampler.set_epoch(1)
    second = list(sampler)
    sampler.set_epoch(0)
    assert list(sampler) == first != second


@pytest.mark.parametrize('samples', [30, 31])
def test_processes_have_equal_parts_of_one_order(dataset, samples):
    whole = list(MixtureSampler(dataset, shares=(1, 2, 3), samples=samples, seed=1))
    halves = []
    for rank in range(2):
        with mock.patch('mmactrep.datasets.samplers.get_dist_info', return_value=(rank, 2)):
            halves.append(list(MixtureSampler(dataset, shares=(1, 2, 3), samples=samples, seed=1)))
    assert len(halves[0]) == len(halves[1])
    merged = [index for pair in zip(*halves) for index in pair]
    assert merged[:samples] == whole and merged[samples:] == whole[: len(merged) - samples]


def test_counts_add_up():
    assert share_counts([1, 1, 1], 100) == [34, 33, 33]
    assert share_counts([0.2, 0.8], 7) == [1, 6]
    assert sum(share_counts([0.1] * 7, 1001)) == 1001


def test_what_does_not_fit_is_refused(dataset):
    with pytest.raises(TypeError, match='ConcatDataset'):
        MixtureSampler(Numbers(3), shares=(1,), samples=2)
    with pytest.raises(ValueError, match='each of 3 data sets'):
        MixtureSampler(dataset, shares=(1, 1), samples=2)
    with pytest.raises(ValueError, match='positive share'):
        MixtureSampler(dataset, shares=(1, 1, 0), samples=2)
    assert DATA_SAMPLERS.get('MixtureSampler') is MixtureSampler


@pytest.mark.parametrize('shuffle', [True, False])
@pytest.mark.parametrize('round_up', [True, False])
@pytest.mark.parametrize(('count', 'world'), [(1, 1), (10, 1), (10, 3), (3, 8), (9001, 4)])
def test_an_epoch_is_that_of_the_default_sampler(shuffle, round_up, count, world):
    clips = Numbers(count)
    for rank in range(world):
        with mock.patch('mmengine.dataset.sampler.get_dist_info', return_value=(rank, world)):
            ours = EpochSampler(clips, shuffle=shuffle, seed=5, round_up=round_up)
            theirs = DefaultSampler(clips, shuffle=shuffle, seed=5, round_up=round_up)
        for epoch in (0, 3):
            ours.set_epoch(epoch)
            theirs.set_epoch(epoch)
            assert list(ours) == list(theirs) and len(ours) == len(theirs)
    assert DATA_SAMPLERS.get('EpochSampler') is EpochSampler


def test_an_epoch_of_a_million_clips_is_no_list():
    class Million(Numbers):
        def __init__(self):
            pass

        def __len__(self):
            return 10**6

    sampler = EpochSampler(Million(), seed=0)
    tracemalloc.start()
    numbers = iter(sampler)
    first = [next(numbers) for _ in range(10)]
    _, peak = tracemalloc.get_traced_memory()  # of Python's objects; the array is torch's
    tracemalloc.stop()
    assert peak < 1e6 and len(set(first)) == 10 and all(type(number) is int for number in first)
