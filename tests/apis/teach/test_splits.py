from argparse import ArgumentTypeError

import numpy as np
import pytest

from mmactrep.apis.teach.settings import TeachError
from mmactrep.apis.teach.splits import Part, check_parts, divide, groups_of, length_part
from mmactrep.commands.teach import folds

LABELS = np.repeat([0, 1, 2], 10)
VIDEOS = np.array([f'v{k // 2}' for k in range(30)])  # two clips of each video


def test_every_clip_is_tested_once_and_no_video_is_divided():
    parts = divide(LABELS, VIDEOS)
    assert len(parts) == 5
    assert sorted(np.concatenate([part.test for part in parts]).tolist()) == list(range(30))
    for part in parts:
        assert not set(VIDEOS[part.train]) & set(VIDEOS[part.test])
        assert sorted([*part.train, *part.test]) == list(range(30))
        assert np.bincount(LABELS[part.test], minlength=3).tolist() == [2, 2, 2]


def test_as_many_folds_as_the_rarest_class_has_videos_and_one_for_many_clips():
    labels = np.r_[LABELS, 3, 3]
    groups = np.array([*VIDEOS, 'x', 'y'])
    assert len(divide(labels, groups)) == 2
    many = np.arange(400) % 4
    parts = divide(many, np.arange(400))
    assert len(parts) == 1 and len(parts[0].test) == 100
    assert np.bincount(many[parts[0].test]).tolist() == [25] * 4


def test_folds_by_name():
    names = [f'{k}_{sequence}_{k % 3}' for k, sequence in enumerate(np.repeat([1, 2, 10], 6))]
    parts = divide(np.arange(18) % 3, np.arange(18), fold_of=groups_of(names, r'_(\d+)_'))
    assert [part.name for part in parts] == ['1', '2', '10']
    assert [len(part.test) for part in parts] == [6, 6, 6]
    with pytest.raises(TeachError, match="clip 'a' does not match"):
        groups_of(['1_2', 'a'], r'_(\d+)')
    with pytest.raises(TeachError, match='no regular expression'):
        groups_of(['a'], '(')
    with pytest.raises(TeachError, match="all clips are in one fold, 'a'"):
        divide(np.array([0, 1]), np.arange(2), fold_of=np.array(['a', 'a']))


def test_folds_with_numbers_in_their_names_are_in_order():
    names = np.array(['10', '9', '2b', '1', '2a'] * 2)
    parts = divide(np.repeat([0, 1], 5), np.arange(10), fold_of=names)
    assert [part.name for part in parts] == ['1', '2a', '2b', '9', '10']


def test_a_class_of_one_video_cannot_be_tested():
    with pytest.raises(TeachError, match='all clips of class 1 come from one video'):
        divide(np.array([0, 0, 1, 1]), np.array(['a', 'b', 'c', 'c']))
    with pytest.raises(TeachError, match="all clips of class 'wave' come from one video"):
        divide(np.array([0, 0, 1, 1]), np.array(['a', 'b', 'c', 'c']), classes=['sit', 'wave'])


@pytest.mark.parametrize('text', ['0', '-3', '('])
def test_folds_that_are_no_number_of_folds(text):
    with pytest.raises(ArgumentTypeError):
        folds(text)


def test_folds_are_a_number_or_a_pattern():
    assert folds('7') == 7 and folds(r'_(\d+)_') == r'_(\d+)_'


def test_a_test_of_what_was_not_trained_is_refused():
    parts = divide(np.array([0, 0, 1, 1]), np.arange(4), fold_of=np.array(['a', 'a', 'b', 'b']))
    with pytest.raises(TeachError, match="part 'a' tests wave, of which there is no training clip"):
        check_parts(parts, np.array([0, 0, 1, 1]), ['wave', 'sit'])


def test_the_length_is_judged_on_other_videos_than_it_is_trained_on():
    part = divide(LABELS, VIDEOS)[0]
    found = length_part(part, LABELS, VIDEOS, seed=3)
    assert found.name == 'fold1_length' and not set(found.train) & set(found.test)
    assert set(found.train) | set(found.test) == set(part.train)
    assert not set(VIDEOS[found.train]) & set(VIDEOS[found.test])
    assert np.bincount(LABELS[found.test], minlength=3).tolist() == [2, 2, 2]


def test_a_class_of_one_video_does_not_judge_the_length_and_its_video_is_not_divided():
    labels = np.array([0, 0, 1, 1, 2, 2])
    groups = np.array(['a', 'b', 'a', 'b', 'a', 'a'])  # of class 2 there is video a alone
    found = length_part(Part('p', np.arange(6), np.arange(6)), labels, groups)
    assert not set(groups[found.train]) & set(groups[found.test])
    assert set(labels[found.test]) == {0, 1} <= set(labels[found.train])
    alone = length_part(Part('p', np.arange(4), np.arange(4)), labels[:4], np.array(['a', 'a', 'b', 'b']))
    assert alone is None
