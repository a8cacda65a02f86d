"""The line through Figure 3.8: medians of the confidence by intervals of the error."""

from __future__ import annotations

import numpy as np

from mmactrep.visualization.aggregation_plots import plot_histogram, running_median


def test_medians_are_those_of_the_poses_in_each_interval():
    error = np.repeat([0.1, 0.9, 1.5, 2.5, 9.0], [2, 3, 2, 5, 9])
    confidence = np.array([0.9, 0.7, 0.8, np.nan, 0.6, 0.1, 0.1, 0.3, 0.2, 0.4, 0.5, 0.1, *[1.0] * 9])
    middles, medians = running_median(error, confidence, np.array([0.0, 1.0, 2.0, 3.0]), least=3)
    # the second interval has two poses alone, and 9.0 lies beyond all; one pose has no C
    np.testing.assert_allclose(middles, [0.5, 2.5])
    np.testing.assert_allclose(medians, [0.75, 0.3])


def test_the_histogram_counts_what_is_kept_and_has_larger_errors_in_its_last_interval():
    error = np.array([0.1, 0.2, 0.3, 0.4, 0.45, 30.0] * 100)
    confidence = np.array([0.9, np.nan, 0.5, 0.1, 0.9, 0.05] * 100)
    error[5::6][1:] = 0.45  # one outlier, beyond the last percentile
    axes = plot_histogram(error, confidence, 0.18).axes[0]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == [
        'retained, C ≥ 0.18 (400)',
        'discarded, C < 0.18 (200)',
    ]
    kept, discarded = ([bar.get_height() for bar in bars] for bars in axes.containers)
    assert sum(kept) == 400 and sum(discarded) == 200
    assert axes.get_xticklabels()[-1].get_text() == 'more'
