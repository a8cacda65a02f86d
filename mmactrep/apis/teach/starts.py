"""Weights to start from: those in ``demo/checkpoints`` that fit, judged by their features."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from mmactrep.engine.config_files import CONFIG_FOLDER

#: Encoders of one size and layout, by the names of their methods.
STARTS = dict(tmor='tmor_unik_2d.pth', via='via_unik_library_2d.pth', lac='lac_unik_penn_2d.pth')
#: Random weights.
SCRATCH = 'none'


def start_path(name: str) -> Path | None:
    """The checkpoint of a start; None for random weights."""
    return None if name == SCRATCH else CONFIG_FOLDER.parent / 'demo' / 'checkpoints' / STARTS[name]


def encoder_features(store: Path, names: Sequence[str], seed: int = 0) -> dict[str, np.ndarray]:
    """(n, C') frozen features of all clips of a store for each start, without any label.

    Args:
        store: The store.
        names: Of :data:`STARTS`, or ``'none'``.
        seed: Seed of random weights.
    """
    from mmengine.registry import DefaultScope

    from mmactrep.apis.frozen_features import frozen_features, load_encoder

    from .training import TrainingJob, job_config

    found = {}
    with DefaultScope.overwrite_default_scope('mmactrep'):
        for name in names:
            cfg = job_config(TrainingJob('features', str(store), train=None, test=None))
            # the mean over persons has no order anyway
            cfg.test_dataloader.dataset.pipeline.pop('persons', None)
            path = start_path(name)
            checkpoint = SCRATCH if path is None else str(path)
            encoder = load_encoder(cfg, checkpoint, seed)
            found[name] = frozen_features(cfg, encoder, checkpoint, splits=('test',))[0].features
    return found


def choose_start(
    features: Mapping[str, np.ndarray], labels: np.ndarray, groups: np.ndarray, seed: int = 0, folds: int = 5
) -> tuple[str, dict[str, float]]:
    """The start whose features a linear classifier tells apart best, by cross-validation on these clips.

    Args:
        features: Of each start, (n, C').
        labels: (n,).
        groups: (n,) names of groups that stay on one side.
        seed: Seed of the folds.
        folds: Number of folds; fewer if a class has fewer groups.

    Returns:
        Its name, the first of equal ones, and the accuracy of each.
    """
    if len(features) == 1:
        return next(iter(features)), {}
    scores = {name: probed_accuracy(each, labels, groups, seed, folds) for name, each in features.items()}
    return max(scores, key=scores.get), scores


def probed_accuracy(
    features: np.ndarray, labels: np.ndarray, groups: np.ndarray, seed: int = 0, folds: int = 5
) -> float:
    """Cross-validated accuracy of a linear classifier of moderate regularization on standardized features."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    from .splits import stratified_folds

    rarest = min(len(np.unique(groups[labels == label])) for label in np.unique(labels))
    fold = stratified_folds(labels, groups, max(2, min(folds, rarest)), seed)
    right = np.zeros(len(labels), bool)
    for number in np.unique(fold):
        fit, held = fold != number, fold == number
        if len(np.unique(labels[fit])) < 2:
            continue
        model = make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=1000))
        model.fit(features[fit], labels[fit])
        right[held] = model.predict(features[held]) == labels[held]
    return float(right.mean())
