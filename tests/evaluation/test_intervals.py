import numpy as np
import pytest

from mmactrep.evaluation.functional.intervals import wilson_interval


@pytest.mark.parametrize(('right', 'total'), [(54, 60), (0, 10), (10, 10), (1, 3)])
def test_its_ends_are_where_the_score_test_just_accepts(right, total):
    """Wilson's ends p solve (right / total - p)² = z² p (1 - p) / total."""
    z = 1.959963984540054
    for end in wilson_interval(right, total):
        assert (right / total - end) ** 2 == pytest.approx(z**2 * end * (1 - end) / total, abs=1e-9)
    low, high = wilson_interval(right, total)
    assert 0 <= low <= right / total <= high <= 1


def test_it_covers_the_true_share():
    rng = np.random.default_rng(0)
    drawn = rng.binomial(60, 0.9, 2000)
    ends = np.array([wilson_interval(int(right), 60) for right in drawn])
    assert 0.93 <= ((ends[:, 0] <= 0.9) & (ends[:, 1] >= 0.9)).mean() <= 0.98


def test_no_clips():
    with pytest.raises(ValueError, match='found 3 of 2'):
        wilson_interval(3, 2)
    with pytest.raises(ValueError, match='found 0 of 0'):
        wilson_interval(0, 0)
