"""Timeline pictures: what is drawn lies where it belongs."""

from __future__ import annotations

import numpy as np

from mmactrep.structures.segments import Segment
from mmactrep.visualization import draw_timeline
from mmactrep.visualization.timeline import _columns, rows_of_interest

CLASSES = ['sit', 'walk', 'a class with a very long name indeed', 'wave']


def is_like(image, color):
    """(H, W) where the picture has a color (R, G, B)."""
    return np.abs(image[..., ::-1].astype(int) - color).max(axis=-1) < 12


def test_bars_lie_where_the_segments_are():
    truths = [Segment(0, 0, 250), Segment(1, 500, 1000)]
    found = [Segment(1, 500, 750, 0.9)]
    image = draw_timeline(CLASSES, 1000, None, found, truths)
    blue, orange = is_like(image, (43, 108, 176)), is_like(image, (192, 85, 33))
    bars = slice(42, None)  # below the key
    rows = np.flatnonzero(blue[bars].any(axis=1)) + 42
    first, second = rows[rows < rows.mean()], rows[rows > rows.mean()]
    left = np.flatnonzero(blue[first].all(axis=0))
    right = np.flatnonzero(blue[second].all(axis=0))
    # a quarter and a half of the axis, the second from its middle to its end
    assert np.ptp(right) / np.ptp(left) == 2.0 or abs(np.ptp(right) / np.ptp(left) - 2) < 0.05
    axis = (left[0], right[-1])
    assert abs(right[0] - np.mean(axis)) < 4
    shown = np.flatnonzero(orange[bars].any(axis=0))
    assert abs(shown[0] - right[0]) < 4 and abs(np.ptp(shown) - np.ptp(left)) < 4
    # below the annotation of its own row
    assert (np.flatnonzero(orange[bars].any(axis=1)) + 42).min() > second.max()


def test_rows_are_the_classes_that_matter():
    truths, found = [Segment(2, 0, 5)], [Segment(0, 0, 100), Segment(3, 0, 50)]
    assert rows_of_interest(found, truths, None, 20) == [0, 2, 3]
    assert rows_of_interest(found, truths, None, 2) == [0, 3]
    scores = np.zeros((10, 4))
    scores[3, 1] = 0.4
    assert 1 in rows_of_interest([], [], scores, 2)


def test_scores_shade_the_row_and_empty_sequences_are_drawn():
    scores = np.zeros((5000, 4), np.float32)
    scores[2400:2410, 1] = 1  # a peak narrower than a pixel shows all the same
    image = draw_timeline(CLASSES, 5000, scores, [Segment(1, 0, 10)], None, fps=25, title='clip')
    plain = draw_timeline(
        CLASSES, 5000, np.zeros_like(scores), [Segment(1, 0, 10)], None, fps=25, title='clip'
    )
    columns = np.flatnonzero((image != plain).any(axis=(0, 2)))
    assert 0 < np.ptp(columns) < 8 and image.shape == plain.shape
    assert draw_timeline(CLASSES, 10).ndim == 3


def test_a_pixel_shows_the_best_score_of_its_frames():
    scores = np.array([0, 9, 1, 2, 8, 3, 4, 7, 6, 5])[:, None]
    np.testing.assert_array_equal(_columns(scores, 5)[:, 0], [9, 2, 8, 7, 6])
    assert _columns(scores, 10) is scores
