"""Which clips are used, against counts made by hand."""

from __future__ import annotations

import numpy as np
import pytest

from mmactrep.datasets.selection import (
    hold_out,
    relabel,
    relabel_in,
    repeat_rare_classes,
    sample_labelled_fraction,
)


def test_relabel_numbers_classes_in_the_wanted_order():
    labels = np.array([0, 1, 2, -1, 2])
    assert relabel(labels, ['walk', 'sit', 'drink'], ['drink', 'walk']).tolist() == [1, -1, 0, -1, 0]


def test_relabel_refuses_unknown_and_repeated_classes():
    with pytest.raises(ValueError, match=r"unknown: \['fly'\]"):
        relabel(np.array([0]), ['walk'], ['fly'])
    with pytest.raises(ValueError, match='unique'):
        relabel(np.array([0]), ['walk'], ['walk', 'walk'])


def test_labels_of_a_longer_list():
    labels = np.array([0, 1, -1, 1])
    assert relabel_in(labels, ['sit', 'walk'], ['fly', 'walk', 'sit']).tolist() == [2, 1, -1, 1]
    with pytest.raises(ValueError, match=r"absent: \['sit'\]"):
        relabel_in(labels, ['sit', 'walk'], ['fly', 'walk'])
    with pytest.raises(ValueError, match='unique'):
        relabel_in(labels, ['walk'], ['walk', 'walk'])


def test_rare_classes_are_repeated_as_smarthome_cv_wants():
    # 1000 / 300 = 3.33 -> 3 times; 1000 / 400 = 2.5 -> 2 (to even); 1000 / 999 -> 1; 1000 stays
    counts = [300, 400, 999, 1000]
    labels = np.repeat(np.arange(4), counts)
    positions = repeat_rare_classes(labels, 1000)
    assert np.bincount(labels[positions]).tolist() == [900, 800, 999, 1000]
    assert set(positions.tolist()) == set(range(len(labels)))


def test_rare_classes_can_be_counted_elsewhere():
    # 2 and 1 clips of training, 4 and 0 clips more elsewhere; one of no class
    labels = np.array([0, 0, 2])
    counted = np.array([0, 0, 2, 0, 0, 0, 0, -1])
    assert repeat_rare_classes(labels, 12, counted).tolist() == [0] * 2 + [1] * 2 + [2] * 12
    assert repeat_rare_classes(labels, 12).tolist() == [0] * 6 + [1] * 6 + [2] * 12
    assert repeat_rare_classes(np.array([], np.int64), 12, counted).tolist() == []


def test_labelled_fraction_is_stratified_seeded_and_nested():
    labels = np.repeat(np.arange(3), [200, 100, 3])
    five = sample_labelled_fraction(labels, 0.05, seed=1)
    ten = sample_labelled_fraction(labels, 0.10, seed=1)
    assert np.bincount(labels[five]).tolist() == [10, 5, 1]
    assert np.bincount(labels[ten]).tolist() == [20, 10, 1]
    assert set(five) <= set(ten)
    assert five.tolist() == sample_labelled_fraction(labels, 0.05, seed=1).tolist()
    assert five.tolist() != sample_labelled_fraction(labels, 0.05, seed=2).tolist()


@pytest.mark.parametrize('fraction', [0, -0.1, 1.5])
def test_fraction_outside_its_range_is_refused(fraction):
    with pytest.raises(ValueError, match='labelled_fraction'):
        sample_labelled_fraction(np.array([0]), fraction)


def test_a_holdout_has_its_share_of_every_class_and_never_all():
    labels = np.repeat(np.arange(4), [40, 10, 2, 1])
    held = hold_out(labels, 0.25, seed=3)
    # 2.5 rounds to even; one of two; a class with one clip is kept for training
    assert np.bincount(labels[held], minlength=4).tolist() == [10, 2, 1, 0]
    assert hold_out(labels, 0.25, seed=3).tolist() == held.tolist()
    assert hold_out(labels, 0.25, seed=4).tolist() != held.tolist()


def test_a_holdout_of_groups_divides_none():
    groups = np.array([f's{i % 5}' for i in range(50)])
    for seed in range(5):
        held = hold_out(np.zeros(50, int), 0.3, seed, groups)
        assert set(groups[held]).isdisjoint(groups[~held])
        assert held.sum() == 20  # one group of ten is less than the share
    assert hold_out(np.zeros(4, int), 0.9, 0, ['a', 'b', 'a', 'b']).sum() == 2


@pytest.mark.parametrize(
    ('labels', 'share', 'groups', 'message'),
    [
        ([0, 1], 0.5, None, 'classes of one sample each'),
        ([0, 0], 0.5, ['a', 'a'], 'one group'),
        ([0, 0], 1.0, None, 'must be in'),
    ],
)
def test_a_holdout_that_leaves_nothing_is_refused(labels, share, groups, message):
    with pytest.raises(ValueError, match=message):
        hold_out(np.array(labels), share, 0, groups)
