from __future__ import annotations

import cv2
import numpy as np
import pytest

from mmactrep.evaluation.functional import neighbor_agreement
from mmactrep.visualization.feature_plot import MOST_SHOWN, draw_features, embed_features, most_frequent


def colors_in(path) -> set[str]:
    """Colors of a hundred pixels or more: not those of the edges of letters."""
    image = cv2.imread(str(path))[..., ::-1].reshape(-1, 3)
    colors, counts = np.unique(image, axis=0, return_counts=True)
    return {'#{:02X}{:02X}{:02X}'.format(*color) for color in colors[counts >= 100]}


def test_clusters_stay_clusters_and_equal_seeds_give_equal_points(rng):
    """Three groups far apart in 20 dimensions: neighbors in the plane are of one group."""
    groups = np.repeat(np.arange(3), 20)
    features = rng.normal(size=(60, 20)) + 20 * rng.normal(size=(3, 20))[groups]
    points = embed_features(features, seed=3)
    assert points.shape == (60, 2) and neighbor_agreement(points, groups)[0] == 1
    np.testing.assert_array_equal(points, embed_features(features, seed=3))


def test_few_or_broken_features_are_refused(rng):
    assert embed_features(rng.normal(size=(5, 1))).shape == (5, 2)
    for features in (rng.normal(size=(4, 3)), np.full((9, 3), np.inf), np.zeros(9)):
        with pytest.raises(ValueError, match='of 5 samples or more'):
            embed_features(features)


def test_the_most_frequent_values_in_the_order_of_numbers():
    assert most_frequent(['b', 'a', 'c', 'a', 'c'], 2) == ['a', 'c']
    assert most_frequent(['30°', '-90°', '0°', '-30°']) == ['-90°', '-30°', '0°', '30°']


def test_a_panel_per_kind_and_attribute(rng, tmp_path):
    points = rng.normal(size=(40, 2))
    values = dict(motion=['walk', '$wave_{'] * 20, view=['0'] * 10 + ['90'] * 30)
    draw_features(dict(motion=points, static=points), values, tmp_path / 'a' / 'both.png')
    draw_features(dict(motion=points), dict(motion=values['motion']), tmp_path / 'one.png')
    both, one = (cv2.imread(str(tmp_path / name)).shape for name in ('a/both.png', 'one.png'))
    assert both[:2] == pytest.approx((2 * one[0], 2 * one[1]), abs=2)
    # two colors, which those who see no red or green tell apart, and no third
    found = colors_in(tmp_path / 'one.png')
    assert {'#0072B2', '#E69F00'} <= found and not {'#009E73', '#DDDDDD'} & found


def test_rare_values_are_gray(rng, tmp_path):
    count = MOST_SHOWN + 2
    values = [f'class {i}' for i in range(count) for _ in range(3)]
    points = rng.normal(size=(len(values), 2))
    draw_features(dict(features=points), {'class': values}, tmp_path / 'x.png')
    assert '#DDDDDD' in colors_in(tmp_path / 'x.png')


def test_nothing_and_misfits_are_refused(rng, tmp_path):
    with pytest.raises(ValueError, match='as many values'):
        draw_features({}, {}, tmp_path / 'x.png')
    with pytest.raises(ValueError, match=r'found numbers \[2, 3\]'):
        draw_features(dict(a=rng.normal(size=(3, 2))), dict(b=['x', 'y']), tmp_path / 'x.png')
