"""Time regressed from features: formulas written out, and made-up features that know time or do not."""

from __future__ import annotations

import numpy as np
import pytest

from mmactrep.evaluation.functional import determination, ordered_share, time_awareness


def made_up(rng, videos, knows, segments=20):
    """Features (n, 12) of segments, of which one direction grows with time if they know of it."""
    times = np.tile(np.linspace(0, 3, segments), videos) + np.repeat(rng.uniform(0, 0.2, videos), segments)
    scene = np.repeat(rng.normal(size=(videos, 12)), segments, axis=0)
    features = scene + 0.1 * rng.normal(size=scene.shape)
    features[:, 3] = 0.1 * rng.normal(size=len(times)) + (times if knows else 0)
    return features, times, np.repeat(np.arange(videos), segments)


@pytest.mark.parametrize(('knows', 'low', 'high'), [(True, 0.9, 1.0), (False, -0.5, 0.1)])
def test_features_that_know_time_and_others(rng, knows, low, high):
    result = time_awareness(*made_up(rng, 12, knows), *made_up(rng, 8, knows))
    assert low < result.r2 <= high
    assert result.times.shape == (160,)
    if knows:
        assert result.ordered > 0.93
    else:
        assert 0.4 < result.ordered < 0.6


def test_the_measures_are_those_of_scikit_learn_and_kendall(rng):
    sklearn = pytest.importorskip('sklearn.metrics')
    from scipy.stats import kendalltau

    truth, found = rng.normal(size=30), rng.normal(size=30)
    assert determination(found, truth) == pytest.approx(sklearn.r2_score(truth, found))
    # without ties Kendall's tau is the share in order minus the share that is not
    share = ordered_share(found, truth, np.zeros(30))
    assert share == pytest.approx((kendalltau(found, truth).statistic + 1) / 2)


def test_pairs_are_counted_within_videos():
    truth = np.array([0, 1, 2, 0, 1, 2.0])
    found = np.array([10, 11, 12, 5, 4, 4.0])  # all three in order; none of two, and one tie
    videos = np.array(['a', 'a', 'a', 'b', 'b', 'b'])
    assert ordered_share(found, truth, videos) == pytest.approx((1 + (0 + 0 + 0.5) / 3) / 2)
    # segments that start at the same time are no pair
    assert ordered_share([1, 2, 3], [0, 0, 1], [0, 0, 0]) == 1.0
    assert np.isnan(ordered_share([1, 2], [0, 0], [0, 0]))


def test_the_test_videos_choose_nothing(rng):
    train, test = made_up(rng, 6, True), made_up(rng, 4, True)
    first = time_awareness(*train, *test)
    second = time_awareness(*train, test[0][:20], test[1][:20], test[2][:20])
    assert first.strength == second.strength
    np.testing.assert_allclose(first.times[:20], second.times)


def test_the_strength_is_chosen_on_whole_videos(rng):
    """Features that tell the video alone: its own other segments would give its time away."""
    videos = rng.permutation(np.repeat(np.arange(20), 6))
    data = rng.normal(size=(20, 40))[videos], rng.normal(size=20)[videos], videos
    assert time_awareness(*data, *data, strengths=(0.1, 1e6)).strength == 1e6


def test_bad_input(rng):
    features, times, videos = made_up(rng, 2, True)
    with pytest.raises(ValueError, match='two training videos'):
        time_awareness(features[:20], times[:20], videos[:20], features, times, videos)
    with pytest.raises(ValueError, match='training features or times are NaN'):
        time_awareness(features * np.nan, times, videos, features, times, videos)
    with pytest.raises(ValueError, match='expected test features'):
        time_awareness(features, times, videos, features[0], times, videos)
