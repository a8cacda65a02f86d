"""Animated clips: which frames they show, and where."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from mmactrep.structures import get_layout
from mmactrep.visualization.clip_animation import animate_clip

LAYOUT = get_layout('coco17')


def pictures(content: bytes) -> list[np.ndarray]:
    """RGB frames of an animated picture."""
    image = Image.open(io.BytesIO(content))
    found = []
    for number in range(image.n_frames):
        image.seek(number)
        found.append(np.asarray(image.convert('RGB')).astype(int))
    return found


def walking(frames: int = 30) -> np.ndarray:
    """(1, T, V, 2): a body that goes from left to right, far from the origin."""
    body = np.random.default_rng(0).uniform(0, 100, (17, 2)) + [1000, 500]
    return (body + np.linspace(0, 200, frames)[:, None, None] * [1, 0])[None].astype(np.float32)


def lit_columns(picture: np.ndarray) -> np.ndarray:
    return np.flatnonzero((picture.max(axis=2) > 100).any(axis=0))


def test_a_clip_without_video_is_in_the_middle_of_its_animation():
    found = pictures(animate_clip(walking(), np.ones((1, 30, 17)), LAYOUT, (0, 0), size=120, count=7))
    assert len(found) == 7 and found[0].shape[0] == 120
    width = found[0].shape[1]
    places = [lit_columns(picture) for picture in found]
    # evenly from one margin to the other
    assert places[0].min() == pytest.approx(width - 1 - places[-1].max(), abs=6)
    assert 0.02 * width < places[0].min() < 0.12 * width
    middles = np.array([(place.min() + place.max()) / 2 for place in places])
    moments = np.array([0, 5, 10, 14, 19, 24, 29])
    speed = (middles[-1] - middles[0]) / 29
    np.testing.assert_allclose(middles, middles[0] + speed * moments, atol=3)
    assert speed > 3


def test_missing_persons_neither_show_nor_shrink_the_others():
    score = np.ones((2, 30, 17))
    score[1] = 0
    both = np.concatenate([walking(), np.zeros_like(walking())])
    first, second = (
        pictures(animate_clip(keypoint, score[: len(keypoint)], LAYOUT, (0, 0), size=80, count=3))
        for keypoint in (walking(), both)
    )
    for one, other in zip(first, second):
        np.testing.assert_array_equal(one, other)


def test_the_video_behind_is_that_of_the_frames_shown():
    frames = [np.full((60, 90, 3), (8 * t, 0, 0), np.uint8) for t in range(30)]
    nobody = np.zeros((1, 30, 17))
    found = pictures(animate_clip(walking(), nobody, LAYOUT, (60, 90), frames, size=60, count=4))
    assert [picture.shape for picture in found] == [(60, 90, 3)] * 4
    reds = [picture[30, 45, 0] for picture in found]
    # frames 0, 10, 19 and 29, darkened; red stays red
    np.testing.assert_allclose(reds, [0.7 * 8 * t for t in (0, 10, 19, 29)], atol=8)
    assert max(picture[30, 45, 2] for picture in found) < 12
