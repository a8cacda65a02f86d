"""Recall of retrieval against sorting, and that of chance against all draws."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from mmactrep.evaluation.functional import chance_recall, recall_at


def test_recall_is_that_of_sorted_results(rng):
    similarities = rng.integers(0, 6, (40, 15)).astype(float)  # with ties
    relevant = rng.random((40, 15)) < 0.15
    relevant[:, 3] |= ~relevant.any(axis=1)
    found = recall_at(similarities, relevant, (1, 3, 15))
    for k in (1, 3, 15):
        hits = [
            any(relevant[q, g] for g in sorted(range(15), key=lambda g: (-similarities[q, g], g))[:k])
            for q in range(40)
        ]
        assert found[k] == pytest.approx(np.mean(hits))
    assert 0 < found[1] < found[3] < found[15] == 1


def test_recall_of_chance_is_that_of_all_draws(rng):
    relevant = np.array([[1, 0, 0, 0, 0, 0], [1, 1, 0, 1, 0, 0], [1, 1, 1, 1, 1, 0]], bool)
    found = chance_recall(relevant, (1, 2, 4, 9))
    for k in (1, 2, 4):
        draws = list(combinations(range(6), k))
        expected = [np.mean([row[list(draw)].any() for draw in draws]) for row in relevant]
        assert found[k] == pytest.approx(np.mean(expected))
    assert found[9] == 1


@pytest.mark.parametrize(
    ('similarities', 'relevant', 'ks', 'message'),
    [
        (np.ones((2, 3)), np.ones((3, 2), bool), (1,), r'booleans \(2, 3\)'),
        (np.ones((2, 3)), np.ones((2, 3)), (1,), 'booleans'),
        (np.full((2, 3), np.nan), np.ones((2, 3), bool), (1,), 'finite'),
        (
            np.ones((2, 3)),
            np.array([[True, False, False], [False] * 3]),
            (1,),
            'nothing relevant, the first is 1',
        ),
        (np.ones((2, 3)), np.ones((2, 3), bool), (0, 1), 'at least 1'),
    ],
)
def test_what_is_no_retrieval_is_refused(similarities, relevant, ks, message):
    with pytest.raises(ValueError, match=message):
        recall_at(similarities, relevant, ks)
