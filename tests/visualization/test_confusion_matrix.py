from __future__ import annotations

import csv

import cv2
import numpy as np
import pytest

from mmactrep.visualization.confusion_matrix import (
    draw_confusion_matrix,
    largest_confusions,
    write_confusion_csv,
)

FULL_BLUE = np.array([107, 48, 8])  # BGR of the color map's end, 100 %


def count_full_cells(path, matrix):
    """Pixels in the color of 100 %."""
    draw_confusion_matrix(matrix, [f'c{i}' for i in range(len(matrix))], path, dpi=100)
    picture = cv2.imread(str(path)).astype(int)
    return picture.shape, int((np.abs(picture - FULL_BLUE).max(-1) < 3).sum())


def test_cells_have_the_color_of_their_share(tmp_path):
    num_classes = 41
    rows = np.arange(num_classes)
    matrix = np.zeros((num_classes, num_classes), int)
    matrix[rows, (rows + 7) % num_classes] = 1 + rows  # whatever the count, its row's whole share
    _, without = count_full_cells(tmp_path / 'a.png', np.zeros_like(matrix))
    shape, full = count_full_cells(tmp_path / 'b.png', matrix)
    assert min(shape[:2]) > num_classes * 11
    cell = 0.11 * 100  # pixels
    assert full - without == pytest.approx(num_classes * cell**2, rel=0.1)
    _, halved = count_full_cells(tmp_path / 'c.png', matrix + np.diag(1 + rows))
    assert halved - without < 0.05 * (full - without)


@pytest.mark.parametrize('num_classes', [1, 2, 15])
def test_picture_grows_with_the_classes(tmp_path, num_classes):
    shape, _ = count_full_cells(tmp_path / 'a.png', np.eye(num_classes, dtype=int))
    assert min(shape[:2]) >= max(300, num_classes * 38)


def test_csv_round_trip(tmp_path):
    matrix = np.array([[3, 1], [0, 12]])
    write_confusion_csv(matrix, ['Eat, drink', 'größer'], tmp_path / 'm.csv')
    with (tmp_path / 'm.csv').open(newline='', encoding='utf-8') as file:
        rows = list(csv.reader(file))
    assert rows == [
        ['label \\ predicted', 'Eat, drink', 'größer'],
        ['Eat, drink', '3', '1'],
        ['größer', '0', '12'],
    ]


def test_largest_confusions_by_hand():
    matrix = np.array([[8, 2, 0], [1, 0, 1], [0, 0, 0]])
    assert largest_confusions(matrix, 9) == [(1, 0), (1, 2), (0, 1)]
    assert largest_confusions(matrix, 1) == [(1, 0)]
    assert matrix[0, 0] == 8


@pytest.mark.parametrize('shape', [(2, 2), (3, 2), (3,)])
def test_a_matrix_that_does_not_fit_is_refused(tmp_path, shape):
    for function in (draw_confusion_matrix, write_confusion_csv):
        with pytest.raises(ValueError, match=r'of 3 classes, found shape'):
            function(np.zeros(shape, int), list('abc'), tmp_path / 'x')
    assert not list(tmp_path.iterdir())
