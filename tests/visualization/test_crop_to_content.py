"""Cutting plain ground off pictures."""

from __future__ import annotations

import numpy as np

from mmactrep.visualization import crop_to_content


def test_the_same_is_cut_off_all_pictures():
    first, second = (np.full((60, 80, 3), 24, np.uint8) for _ in range(2))
    first[20, 30], second[40, 50] = 255, 90
    cut = crop_to_content([first, second], margin=3)
    for image, whole in zip(cut, (first, second)):
        np.testing.assert_array_equal(image, whole[17:44, 27:54])


def test_the_margin_ends_at_the_edge():
    image = np.zeros((10, 10, 3), np.uint8)
    image[1, 9] = 200
    np.testing.assert_array_equal(crop_to_content([image], margin=4)[0], image[:6, 5:])


def test_photographs_and_empty_pictures_stay_whole(rng):
    photograph = rng.integers(0, 255, (20, 30, 3), dtype=np.uint8)
    photograph[0, 0] = 0
    photograph[0, 5], photograph[5, 0], photograph[-1, 5], photograph[5, -1] = 99, 99, 99, 99
    assert crop_to_content([photograph], margin=0)[0].shape == photograph.shape
    plain = np.zeros((20, 30, 3), np.uint8)
    assert crop_to_content([plain])[0].shape == plain.shape
