"""Data that must not be validated together: classes that have other numbers."""

import pytest

from mmactrep.datasets.video.dataset import VideoClipDataset
from mmactrep.engine.hooks.dataset_check_hook import DatasetMismatchError, check_alike


def listed(folder, name: str, labels: str, **options) -> VideoClipDataset:
    """A data set of videos with these labels; the files are never opened."""
    path = folder / name
    path.write_text(''.join(f'{k}.mp4,{label}\n' for k, label in enumerate(labels.split())))
    return VideoClipDataset(str(path), [], **options)


def test_lists_that_number_their_classes_each_on_its_own_are_refused(tmp_path):
    train = listed(tmp_path, 'train.csv', 'apple banana cherry')
    # without bananas, cherries would be counted as bananas
    validation = listed(tmp_path, 'val.csv', 'apple cherry')
    assert validation.labels.tolist() == [0, 1]
    with pytest.raises(
        DatasetMismatchError, match=r"val\.csv: not the classes .* class 1: 'banana' and 'cherry'"
    ):
        check_alike(train, validation)
    check_alike(train, listed(tmp_path, 'all.csv', 'cherry banana apple'))
    (tmp_path / 'classes.txt').write_text('apple\nbanana\ncherry\n')
    validation = listed(tmp_path, 'val.csv', 'apple cherry')
    assert validation.labels.tolist() == [0, 2]
    check_alike(train, validation)


def test_numbers_without_names_are_compared_with_nothing(tmp_path):
    check_alike(listed(tmp_path, 'train.csv', '0 1 2'), listed(tmp_path, 'val.csv', '0 1'))
