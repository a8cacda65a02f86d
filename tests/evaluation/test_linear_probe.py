"""Linear evaluation: against a minimization of the same objective, and blind to the test features."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import log_softmax

from mmactrep.evaluation.functional import linear_probe


def make(count: int, classes: int = 3, channels: int = 6, distance: float = 1.0, seed: int = 0):
    rng = np.random.default_rng(seed)
    labels = np.arange(count) % classes
    centers = np.random.default_rng(99).normal(size=(classes, channels)) * distance
    return centers[labels] + rng.normal(size=(count, channels)), labels


def test_accuracy_is_that_of_the_minimum_of_the_penalized_likelihood():
    (train, labels), (test, truth) = make(60), make(90, seed=1)
    mean, deviation = train.mean(0), train.std(0)
    x, strength = (train - mean) / deviation, 0.3

    def objective(flat):
        weights, bias = flat[:18].reshape(3, 6), flat[18:]
        likelihood = log_softmax(x @ weights.T + bias, axis=1)[np.arange(60), labels].sum()
        return -strength * likelihood + 0.5 * (weights**2).sum()

    found = minimize(objective, np.zeros(21), tol=1e-9).x
    scores = (test - mean) / deviation @ found[:18].reshape(3, 6).T + found[18:]
    result = linear_probe(train, labels, test, truth, grid=(strength,))
    assert result.regularization == strength
    assert result.accuracy == pytest.approx((scores.argmax(1) == truth).mean(), abs=1e-9)
    assert 0.5 < result.accuracy < 1


def test_scale_and_offset_of_the_features_do_not_matter():
    (train, labels), (test, truth) = make(60), make(90, seed=1)
    factor, offset = np.logspace(-3, 3, 6), np.arange(6) * 10.0
    moved = linear_probe(train * factor + offset, labels, test * factor + offset, truth)
    assert moved == linear_probe(train, labels, test, truth)


def test_regularization_is_chosen_without_the_test_features():
    train, labels = make(60, distance=0.3)
    chosen = {
        linear_probe(train, labels, test, labels).regularization
        for test in (train, -train, np.zeros_like(train))
    }
    assert len(chosen) == 1
    # features that tell little need more regularization than those that tell everything
    clear = linear_probe(*make(60, distance=5.0), train, labels).regularization
    assert chosen.pop() < clear


def test_scores_have_a_column_for_every_class_and_0_for_those_without_training_features():
    train, labels = make(60, distance=5.0)
    seen = labels != 1
    found = linear_probe(train[seen], labels[seen], train, labels)
    assert found.scores.shape == (60, 3) and not found.scores[:, 1].any()
    np.testing.assert_allclose(found.scores.sum(axis=1), 1)
    assert (found.scores[seen].argmax(axis=1) == labels[seen]).mean() > 0.95


def test_one_clip_of_a_class_is_enough_and_warns_of_nothing():
    train, labels = make(13, distance=4.0)
    labels[-1] = 3
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        result = linear_probe(train, labels, train, labels)
    assert result.accuracy >= 12 / 13


@pytest.mark.parametrize(
    ('train', 'labels', 'message'),
    [
        (np.zeros((4, 2)), np.zeros(4, int), 'two classes'),
        (np.zeros((4, 2)), np.arange(3), r'\(4, 2\) and \(3,\)'),
        (np.zeros((4, 2)), np.arange(4), 'a class with two training clips'),
        (np.full((4, 2), np.nan), np.arange(4), 'training features are NaN'),
    ],
)
def test_features_that_cannot_be_fitted_are_refused(train, labels, message):
    with pytest.raises(ValueError, match=message):
        linear_probe(train, labels, np.zeros((1, 2)), np.zeros(1, int))


def test_views_of_a_clip_are_not_divided_by_the_cross_validation():
    # six views of each clip, and labels that have nothing to do with the features: judged on other views of
    # the clips that were fitted, the weakest regularization would seem to be best
    rng = np.random.default_rng(0)
    clips, labels = np.repeat(np.arange(40), 6), np.repeat(np.arange(40) % 2, 6)
    train = rng.normal(size=(40, 20))[clips] + 0.01 * rng.normal(size=(240, 20))
    alone = linear_probe(train, labels, train, labels)
    grouped = linear_probe(train, labels, train, labels, groups=clips)
    assert alone.regularization == 10.0 and grouped.regularization < 0.1
