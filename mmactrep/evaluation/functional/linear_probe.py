"""Linear evaluation of frozen features by multinomial logistic regression, as a function on arrays."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from mmactrep.errors import UserError

#: Inverse strengths of the L2 regularization among which cross-validation chooses.
REGULARIZATION_GRID = (1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0)


class TooFewFeaturesError(UserError, ValueError):
    """Training features from which no linear classifier can be chosen."""


@dataclass(frozen=True)
class LinearProbe:
    """Result of :func:`linear_probe`.

    Args:
        accuracy: Share of test features classified correctly, in [0, 1].
        regularization: The chosen inverse strength of the L2 regularization.
        scores: (m, K) probabilities of the classes; 0 for a class without training features.
    """

    accuracy: float
    regularization: float
    scores: np.ndarray = field(compare=False, repr=False)


def linear_probe(
    train: np.ndarray,
    train_labels: np.ndarray,
    test: np.ndarray,
    test_labels: np.ndarray,
    groups: np.ndarray | None = None,
    grid: tuple[float, ...] = REGULARIZATION_GRID,
    folds: int = 5,
    seed: int = 0,
) -> LinearProbe:
    """Fit a logistic regression on training features and classify test features.

    The problem is convex: there is no learning rate or number of epochs to choose. Features are standardized
    by statistics of the features that are fitted. The regularization is chosen by the mean log-likelihood in
    a stratified cross-validation on the training features, so the test features influence nothing.

    Args:
        train: (n, C') features.
        train_labels: (n,) class indices.
        test: (m, C') features to classify.
        test_labels: (m,) class indices.
        groups: (n,) names of groups of training features that the cross-validation does not divide, for
            instance several views of a clip. Default: every feature stands alone.
        grid: Inverse strengths of the regularization to choose from.
        folds: Parts of the cross-validation; fewer if the rarest class has fewer groups, but at least 2.
        seed: Seed of the division into parts.

    Raises:
        TooFewFeaturesError: If there is one class to train on, or no class has two features (two groups of
            them) for the cross-validation.
        ValueError: If a shape is wrong, or a feature is not finite.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    train, train_labels = _checked(train, train_labels, 'training')
    test, test_labels = _checked(test, test_labels, 'test')
    if len(np.unique(train_labels)) < 2:
        raise TooFewFeaturesError('a linear classifier needs training features of at least two classes')

    def classifier(strength: float):
        return make_pipeline(StandardScaler(), LogisticRegression(C=strength, max_iter=2000))

    parts = list(_folds(train, train_labels, groups, folds, seed))
    likelihoods = [
        np.mean([_log_likelihood(classifier(strength), train, train_labels, *part) for part in parts])
        for strength in grid
    ]
    chosen = grid[int(np.argmax(likelihoods))]
    fitted = classifier(chosen).fit(train, train_labels)
    scores = np.zeros((len(test), int(max(train_labels.max(), test_labels.max())) + 1))
    scores[:, fitted.classes_] = fitted.predict_proba(test)
    return LinearProbe(float(fitted.score(test, test_labels)), float(chosen), scores)


def _folds(
    train: np.ndarray, labels: np.ndarray, groups: np.ndarray | None, folds: int, seed: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Pairs of indices (to fit, to judge)."""
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

    groups = np.arange(len(labels)) if groups is None else np.asarray(groups)
    pairs = np.unique(np.stack([labels, np.unique(groups, return_inverse=True)[1]]), axis=1)
    counts = np.unique(pairs[0], return_counts=True)[1]
    if counts.max() < 2:
        raise TooFewFeaturesError(
            'a linear classifier needs a class with two training clips: its regularization is chosen by '
            'cross-validation'
        )
    rarest = int(counts.min())
    alone = len(np.unique(groups)) == len(groups)
    kind = StratifiedKFold if alone else StratifiedGroupKFold
    parts = kind(max(2, min(folds, rarest)), shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        # a class with one feature is in one part only
        warnings.filterwarnings('ignore', message='The least populated class', category=UserWarning)
        yield from parts.split(train, labels, None if alone else groups)


def _log_likelihood(
    model, features: np.ndarray, labels: np.ndarray, fit: np.ndarray, judged: np.ndarray
) -> float:
    """Mean log-likelihood of the judged labels of classes that were fitted."""
    model.fit(features[fit], labels[fit])
    judged = judged[np.isin(labels[judged], model.classes_)]
    columns = np.searchsorted(model.classes_, labels[judged])
    return float(model.predict_log_proba(features[judged])[np.arange(len(judged)), columns].mean())


def _checked(features: np.ndarray, labels: np.ndarray, which: str) -> tuple[np.ndarray, np.ndarray]:
    features, labels = np.asarray(features, np.float64), np.asarray(labels)
    if features.ndim != 2 or labels.shape != features.shape[:1] or not len(features):
        raise ValueError(
            f'expected {which} features (n, C) with labels (n,), found {features.shape} and {labels.shape}'
        )
    if not np.isfinite(features).all():
        raise ValueError(f'{which} features are NaN or infinite')
    return features, labels
