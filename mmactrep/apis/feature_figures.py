"""Figures of frozen features: nearest neighbors and a linear classifier, also within pairs of classes."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from mmactrep.engine.hooks.knn_hook import nearest_neighbor_accuracy
from mmactrep.errors import UserError
from mmactrep.evaluation.functional import (
    linear_probe,
    mean_class_accuracy,
    pair_accuracy,
    top_k_accuracy,
)

from .frozen_features import Features

REGULARIZATION = 'regularization C'


class GroupError(UserError, ValueError):
    """Clips that cannot be divided into groups; the message names one."""


def leave_groups_out(features: Features, pattern: str) -> list[tuple[Features, Features]]:
    """Every group of clips as a test, with all other clips to train on.

    Args:
        features: Features of all clips.
        pattern: Regular expression on the clips' names; clips whose matches are equal are a group.

    Raises:
        GroupError: If the pattern is invalid or a name does not match it, or there is only one group, or each
            clip is one: of classes of one size, the class of the clip that is left out is the rarest of the
            training, and a classifier that knows nothing is always wrong.
    """
    try:
        found = [re.search(pattern, name) for name in features.names]
    except re.error as error:
        raise GroupError(f'{pattern!r:.80} is no regular expression: {error}') from error
    if not all(found):
        raise GroupError(f"clip '{features.names[found.index(None)]}' does not match {pattern!r:.80}")
    groups = np.array([match[0] for match in found])
    names = np.unique(groups)
    if len(names) < 2:
        raise GroupError(f'all clips match {pattern!r:.80} alike: there is nothing to leave out')
    if len(names) == len(groups):
        raise GroupError(
            f"each clip matches {pattern!r:.80} in its own way, for example '{groups[0]}' and '{groups[1]}': "
            'expected groups of several clips'
        )
    return [(features.select(groups != name), features.select(groups == name)) for name in names]


def feature_figures(
    folds: Sequence[tuple[Features, Features]], pairs: Sequence[tuple[int, int]] = (), neighbors: int = 5
) -> dict[str, float]:
    """Figures by name, over the test clips of all folds.

    Args:
        folds: Features to train on and to test.
        pairs: Classes to tell apart.
        neighbors: Number of nearest neighbors.

    Returns:
        Accuracy of the nearest neighbors; of the linear classifier, over clips and as the mean of classes,
        within each pair (:func:`~mmactrep.evaluation.functional.pair_accuracy`), as the mean of the pairs,
        and on the clips of all other classes; and its regularization, the median over the folds.
    """
    near, scores, strengths = [], [], []
    for train, test in folds:
        data = (train.features, train.labels, test.features, test.labels)
        probe = linear_probe(*data, groups=train.clips)
        near.append(nearest_neighbor_accuracy(*data, k=neighbors) * len(test.labels))
        scores.append(probe.scores)
        strengths.append(probe.regularization)
    width = max(each.shape[1] for each in scores)
    scores = np.concatenate([np.pad(each, ((0, 0), (0, width - each.shape[1]))) for each in scores])
    labels = np.concatenate([test.labels for _, test in folds])
    figures = {
        'nearest neighbors': sum(near) / len(labels),
        'linear': top_k_accuracy(scores, labels),
        'linear mean of classes': mean_class_accuracy(scores, labels),
    }
    if pairs:
        within = [pair_accuracy(scores, labels, pair) for pair in pairs]
        classes = folds[0][1].classes
        figures |= dict(zip((_pair_name(pair, classes) for pair in pairs), within))
        figures['within pairs'] = float(np.mean(within))
        others = ~np.isin(labels, pairs)
        if others.any():
            figures['outside pairs'] = top_k_accuracy(scores[others], labels[others])
    return figures | {REGULARIZATION: float(np.median(strengths))}


def played_both_ways(forward: Features, backward: Features) -> Features:
    """Features whose two classes are the direction of time: clips as they are, and played backwards.

    Args:
        forward: Features of clips.
        backward: Those of the same clips played backwards.
    """
    labels = np.repeat([0, 1], [len(forward.labels), len(backward.labels)])
    return Features(
        np.concatenate([forward.features, backward.features]),
        labels,
        np.concatenate([forward.clips, backward.clips]),
        forward.names + backward.names,
        ('forward', 'backward'),
    )


def _pair_name(pair: tuple[int, int], classes: Sequence[str]) -> str:
    """Two classes in the name of a figure, without signs that such a name cannot have."""
    return '/'.join(re.sub(r'[^\w@.% -]', '', classes[each]) for each in pair)
