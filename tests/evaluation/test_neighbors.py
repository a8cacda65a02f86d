"""Agreement of nearest neighbors, on cases counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from mmactrep.evaluation.functional import neighbor_agreement


def test_by_hand():
    """On a line at 0, 1, 3, 4.5 and 9: the nearest of each is 1, 0, 4.5, 3 and 4.5."""
    features = np.array([0, 1, 3, 4.5, 9], np.float32)[:, None]
    agreed, chance = neighbor_agreement(features, ['a', 'a', 'a', 'b', 'b'])
    assert agreed == pytest.approx(3 / 5)
    # pairs (ordered) of equal value: 3 * 2 + 2 * 1, of 5 * 4
    assert chance == pytest.approx(8 / 20)


def test_a_sample_is_not_its_own_neighbor_but_its_equal_is():
    features = np.array([[0.0], [0.0], [5.0], [5.0]])
    assert neighbor_agreement(features, [0, 1, 0, 1])[0] == 0
    assert neighbor_agreement(features, [0, 0, 1, 1])[0] == 1


@pytest.mark.parametrize(
    ('features', 'values'),
    [
        (np.zeros((1, 2)), [0]),
        (np.zeros((3, 2)), [0, 1]),
        (np.full((3, 2), np.nan), [0, 1, 0]),
        (np.zeros(3), [0, 1, 0]),
    ],
)
def test_what_cannot_be_compared_is_refused(features, values):
    with pytest.raises(ValueError, match='expected finite features'):
        neighbor_agreement(features, values)
