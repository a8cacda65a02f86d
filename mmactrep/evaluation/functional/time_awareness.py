"""How much frozen features of video segments know of time (thesis, Fig. 5.3), as functions on arrays."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

#: Strengths of the L2 regularization among which cross-validation chooses.
STRENGTHS = tuple(10.0**power for power in range(-1, 7))
_FOLDS = 5


@dataclass(frozen=True)
class TimeAwareness:
    """Result of :func:`time_awareness`.

    Args:
        r2: Coefficient of determination R² of the start times of segments of test videos: 1 for exact ones,
            0 for always the mean, below 0 for worse than that.
        ordered: Share of the pairs of segments of a test video whose regressed times are in their order, 0.5
            for guessing; the mean over the videos.
        strength: The chosen strength of the L2 regularization.
        times: (m,) regressed times of the test segments.
    """

    r2: float
    ordered: float
    strength: float
    times: np.ndarray = field(compare=False, repr=False)


def time_awareness(
    train: np.ndarray,
    train_times: np.ndarray,
    train_videos: np.ndarray,
    test: np.ndarray,
    test_times: np.ndarray,
    test_videos: np.ndarray,
    strengths: tuple[float, ...] = STRENGTHS,
) -> TimeAwareness:
    """Regress the start times of segments from their features and see how well it does on other videos.

    A ridge regression on standardized features. Its strength is chosen by cross-validation on the training
    videos, whole videos being left out; the test videos influence nothing.

    Args:
        train: (n, C') features of segments of training videos.
        train_times: (n,) when they start, seconds, or any other measure of time.
        train_videos: (n,) number or name of the video that each is of.
        test: (m, C') features of segments of other videos.
        test_times: (m,).
        test_videos: (m,).
        strengths: Strengths of the regularization to choose from.

    Raises:
        ValueError: If a shape is wrong, a value is not finite, or there are fewer than two training videos.
    """
    from sklearn.linear_model import Ridge
    from sklearn.model_selection import GridSearchCV, GroupKFold
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    train, train_times, train_videos = _checked(train, train_times, train_videos, 'training')
    test, test_times, test_videos = _checked(test, test_times, test_videos, 'test')
    groups = len(np.unique(train_videos))
    if groups < 2:
        raise ValueError('a regression of times needs segments of two training videos or more')
    search = GridSearchCV(
        make_pipeline(StandardScaler(), Ridge()),
        dict(ridge__alpha=strengths),
        scoring='neg_mean_squared_error',
        cv=GroupKFold(min(_FOLDS, groups)),
    )
    search.fit(train, train_times, groups=train_videos)
    times = search.predict(test)
    return TimeAwareness(
        determination(times, test_times),
        ordered_share(times, test_times, test_videos),
        float(search.best_params_['ridge__alpha']),
        times,
    )


def determination(found: np.ndarray, truth: np.ndarray) -> float:
    """R² = 1 - Σ (found - truth)² / Σ (truth - mean truth)²; NaN if all true values are the same."""
    found, truth = np.asarray(found, np.float64), np.asarray(truth, np.float64)
    spread = ((truth - truth.mean()) ** 2).sum()
    return float(1 - ((found - truth) ** 2).sum() / spread) if spread > 0 else float('nan')


def ordered_share(found: np.ndarray, truth: np.ndarray, groups: np.ndarray) -> float:
    """Share of the pairs within a group that are in their true order; the mean over the groups.

    A pair with equal found values counts half; one with equal true values does not count.

    Args:
        found: (m,) values.
        truth: (m,) true values.
        groups: (m,) group of each.

    Returns:
        The share; NaN if no group has a pair with different true values.
    """
    found, truth, groups = np.asarray(found), np.asarray(truth), np.asarray(groups)
    shares = []
    for group in np.unique(groups):
        rows = groups == group
        first, second = np.triu_indices(int(rows.sum()), 1)
        found_step = found[rows][second] - found[rows][first]
        true_step = truth[rows][second] - truth[rows][first]
        counted = true_step != 0
        if counted.any():
            agreement = np.sign(found_step[counted]) * np.sign(true_step[counted])
            shares.append(float((agreement + 1).mean() / 2))
    return float(np.mean(shares)) if shares else float('nan')


def _checked(
    features: np.ndarray, times: np.ndarray, videos: np.ndarray, which: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    features, times, videos = (
        np.asarray(features, np.float64),
        np.asarray(times, np.float64),
        np.asarray(videos),
    )
    if features.ndim != 2 or not len(features) or not times.shape == videos.shape == features.shape[:1]:
        raise ValueError(
            f'expected {which} features (n, C) with a time and a video for each, found {features.shape}, '
            f'{times.shape} and {videos.shape}'
        )
    if not np.isfinite(features).all() or not np.isfinite(times).all():
        raise ValueError(f'{which} features or times are NaN or infinite')
    return features, times, videos
