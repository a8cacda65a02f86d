"""Rejection, on cases counted by hand, against scikit-learn, and on clouds of points."""

import numpy as np
import pytest
import torch
from scipy.special import softmax
from sklearn.metrics import roc_auc_score

from mmactrep.evaluation.functional.rejection import (
    auroc,
    calibrate_rejection,
    false_alarms,
    fit_class_distances,
    fit_density,
    fit_temperature,
    scale_of,
    threshold_for,
)
from mmactrep.structures.rejection import Rejection, RejectionError, known_scores


def test_auroc_is_that_of_scikit_learn():
    rng = np.random.default_rng(0)
    known, unknown = rng.normal(1, 1, 40).round(1), rng.normal(0, 1, 60).round(1)  # with ties
    labels = np.r_[np.ones(40), np.zeros(60)]
    assert auroc(known, unknown) == pytest.approx(roc_auc_score(labels, np.r_[known, unknown]))


def test_the_threshold_is_the_highest_that_keeps_the_share():
    known = np.arange(1.0, 21.0)
    threshold = threshold_for(known, 0.95)
    assert threshold == 2 and (known >= threshold).mean() == 0.95
    assert threshold_for(known, 1.0) == 1
    for kept in (0.5, 0.9, 0.97):
        own = threshold_for(known, kept)
        assert (known >= own).mean() >= kept > (known > own).mean()
    assert false_alarms(np.array([0.0, 2.0, 3.0, 1.9]), threshold) == 0.5


def test_the_temperature_undoes_a_scale_of_the_logits():
    rng = np.random.default_rng(1)
    logits = rng.normal(0, 2, (4000, 5))
    labels = np.array([rng.choice(5, p=row) for row in softmax(logits, axis=1)])
    assert fit_temperature(logits, labels) == pytest.approx(1, abs=0.06)
    assert fit_temperature(3 * logits, labels) == pytest.approx(3, rel=0.06)


def test_scores_by_hand():
    logits = np.array([[2.0, 0.0], [0.0, 0.0]])
    probability = known_scores('probability', logits, temperature=2.0)
    np.testing.assert_allclose(probability, [np.e / (np.e + 1), 0.5])
    energy = known_scores('energy', logits, temperature=2.0)
    np.testing.assert_allclose(energy, [2 * np.log(np.e + 1), 2 * np.log(2)])


def clouds(seed=0, count=80):
    """Features of two classes, wide along the first axis and narrow along the second, and far points."""
    rng = np.random.default_rng(seed)
    spread = np.array([3.0, 0.1, 0.1])
    labels = np.arange(count) % 2
    known = rng.normal(0, 1, (count, 3)) * spread + np.array([[0, -1, 0], [0, 1, 0]])[labels]
    unknown = rng.normal(0, 1, (count, 3)) * spread + [0, 0, 1.5]
    return known, labels, unknown


def test_distances_are_in_units_of_the_spread_within_the_classes():
    known, labels, unknown = clouds()
    distances = fit_class_distances(known, labels, 2)
    assert distances(known).mean() == pytest.approx(1, abs=0.25)  # squared, a mean over the axes
    # Mahalanobis's distance with the pooled covariance, up to the shrinkage
    centers = np.stack([known[labels == k].mean(axis=0) for k in range(2)])
    inverse = np.linalg.inv(np.cov((known - centers[labels]).T, bias=True))
    apart = unknown[:, None] - centers
    expected = np.einsum('nki,ij,nkj->nk', apart, inverse, apart).min(axis=1) / 3
    assert np.corrcoef(distances(unknown), expected)[0, 1] > 0.95


def test_the_score_that_tells_best_is_chosen_and_the_figures_are_of_other_motions():
    known, labels, unknown = clouds()
    fit = fit_class_distances(known, labels, 2)
    fresh, fresh_labels, _ = clouds(seed=1)
    rng = np.random.default_rng(2)
    noise, others = rng.normal(size=(80, 2)), rng.normal(size=(80, 2))  # logits say nothing
    kinds = np.repeat(['a', 'b', 'c', 'd'], 20)
    made = calibrate_rejection(noise, fresh_labels, others, fresh, unknown, fit, kinds, noun='sports')
    assert made.kind == 'distance' and made.figures['auroc'] > 0.99 and made.figures['unknown'] == 40
    scores = made.scores(noise, fresh)
    assert (scores >= made.threshold).mean() == pytest.approx(0.95)
    assert (made.scores(others, unknown) < made.threshold).mean() > 0.95
    assert made.verdict(15) == 'none of the 15 sports'
    assert made.doubt(scores.max() + 1) == 0 and made.doubt(scores.min() - 1) == 1
    assert made.doubt(float(np.median(scores))) == pytest.approx(0.5, abs=0.02)
    without = calibrate_rejection(noise, fresh_labels, others)
    assert without.kind in ('energy', 'probability') and without.distances is None


def test_motions_that_judge_do_not_choose():
    """The first group tells probability from energy one way, the larger second group the other way."""
    known = np.tile([5.0, 0.0], (40, 1))
    alike, faint = np.tile([5.0, 5.0], (10, 1)), np.tile([-5.0, -15.0], (30, 1))
    groups = np.repeat(['a', 'b'], [10, 30])
    both = np.concatenate([alike, faint])
    found = calibrate_rejection(
        known, np.zeros(40, int), both, unknown_groups=groups, kinds=('probability', 'energy')
    )
    assert found.kind == 'probability' and found.figures['unknown'] == 30
    assert found.figures['auroc'] == pytest.approx(0.5)  # sure of both


def test_the_share_that_is_kept_is_measured_on_clips_that_did_not_set_the_threshold():
    known = np.tile([[10.0, 0.0], [1.0, 0.0]], (20, 1))  # every other clip scores low
    found = calibrate_rejection(known, np.zeros(40, int), np.zeros((4, 2)), kinds=('energy',))
    assert found.figures['kept'] == pytest.approx(0.5)


def test_density_by_hand():
    # three alike, at angles of 0, 60 and 90 degrees to the first axis, and lengths that do not matter
    training = np.array([[2.0, 0.0], [0.5, np.sqrt(0.75)], [0.0, 3.0]])
    density = fit_density(training, [0, 0, 1])
    cosine = np.cos(np.radians([60, 30, 90]))
    own = [(cosine[0] + cosine[2]) / 2, (cosine[0] + cosine[1]) / 2, (cosine[1] + cosine[2]) / 2]
    assert density.nearest == 2
    np.testing.assert_allclose(density.own, own)
    # at 45 degrees the second is 15 degrees away; of the others, both 45 away, the first counts
    expected = (np.cos(np.radians(15)) + np.cos(np.radians(45))) / 2 - (own[1] + own[0]) / 2
    np.testing.assert_allclose(density(np.array([[7.0, 7.0]])), expected)
    away = density(np.array([[-1.0, -1.0], [0.3, 0.7]]))
    assert away[0] < -1 < 0 < away[1]


def test_the_density_keeps_as_many_clips_of_each_class():
    labels = np.array([0] * 50 + [1] * 5)
    features = np.c_[labels == 0, labels == 1, np.arange(55) / 55].astype(float)
    kept = fit_density(features, labels, most=10).features
    assert len(kept) == 10 and (kept[:, 1] > 0).sum() == 5


def test_a_scale_counts_deviations_and_cuts_far_ones():
    rng = np.random.default_rng(0)
    known = rng.normal(5, 2, 20000)
    scale = scale_of(known)
    np.testing.assert_allclose(scale(np.array([5.0, 7.0, 3.0])), [0, 1, -1], atol=0.05)
    assert scale(np.array([-1e9]))[0] == -8 == -scale(np.array([1e9]))[0]
    assert np.isfinite(scale_of(np.ones(4))(np.array([1.0, 2.0]))).all()


def rings(seed=0, count=120):
    """Features of two classes on a ring each, and motions of no class: within the rings, and nearer to zero.

    Those within a ring are nearest to the mean of a class; the others have the directions of the classes.
    """
    rng = np.random.default_rng(seed)
    labels = np.arange(count) % 2
    turn = rng.uniform(0, 2 * np.pi, count)

    def place(height, radius):
        axes = np.where(labels[:, None] == 0, [[1.0, 0.0]], [[0.0, 1.0]]) * height
        ring = radius * np.stack([np.cos(turn), np.sin(turn)], axis=1)
        return np.concatenate([axes, ring], axis=1) + rng.normal(0, 0.05, (count, 4))

    half = np.arange(count) < count // 2
    unknown = np.where(half[:, None], place(10, 0.5), place(6, 2.4))
    return place(10, 4), labels, unknown


def test_distance_and_density_together_tell_what_neither_tells_alone():
    training, labels, _ = rings(count=240)
    known, known_labels, unknown = rings(seed=1)
    fits = dict(distances=fit_class_distances(training, labels, 2), density=fit_density(training, labels))
    noise = np.random.default_rng(2).normal(size=(len(known), 2))
    made = {
        kind: calibrate_rejection(noise, known_labels, noise, known, unknown, kinds=[kind], **fits)
        for kind in ('distance', 'density', 'distance+density')
    }
    figures = {kind: each.figures['auroc'] for kind, each in made.items()}
    assert max(figures['distance'], figures['density']) < 0.85 and figures['distance+density'] > 0.95, figures
    made = made['distance+density']
    # the sum is that of the deviations, by the scales of the held-out clips
    parts = [known_scores(name, noise, unknown, **fits) for name in ('distance', 'density')]
    scales = [scale_of(known_scores(name, noise, known, **fits)) for name in ('distance', 'density')]
    expected = sum(np.clip((x - s.middle) / s.spread, -8, 8) for x, s in zip(parts, scales))
    np.testing.assert_allclose(made.scores(noise, unknown), expected)
    chosen = calibrate_rejection(noise, known_labels, noise, known, unknown, **fits)
    assert chosen.kind == 'distance+density'


def test_scores_of_held_out_clips_by_their_own_models_count():
    training, labels, unknown = rings()
    fits = dict(distances=fit_class_distances(training, labels, 2), density=fit_density(training, labels))
    noise, held = np.zeros((120, 2)), dict(distance=np.arange(120.0), density=np.arange(120.0) / 7)
    for kind in ('distance', 'density'):
        made = calibrate_rejection(
            noise, labels, noise, None, unknown, held_scores=held, kinds=[kind], **fits
        )
        assert made.threshold == threshold_for(held[kind])
    both = calibrate_rejection(
        noise, labels, noise, None, unknown, held_scores=held, kinds=['distance+density'], **fits
    )
    deviations = scale_of(held['distance'])(held['distance'])
    assert both.threshold == pytest.approx(2 * threshold_for(deviations))


@pytest.mark.parametrize('kind', ['distance', 'density', 'distance+density'])
def test_it_survives_a_checkpoint(tmp_path, kind):
    known, labels, unknown = clouds()
    fits = dict(distances=fit_class_distances(known, labels, 2), density=fit_density(known, labels))
    made = calibrate_rejection(
        np.zeros((80, 2)), labels, np.zeros((80, 2)), known, unknown, kinds=[kind], **fits
    )
    torch.save(made.to_dict(), tmp_path / 'x.pth')
    read = Rejection.from_dict(torch.load(tmp_path / 'x.pth', weights_only=True), 'x.pth', 2)
    assert read.kind == made.kind and read.threshold == made.threshold and read.noun == made.noun
    # densities are small differences of single-precision cosines
    near = dict(distance=1e-4, density=1e-5).get(kind, 0.02)
    np.testing.assert_allclose(read.scores(None, known), made.scores(None, known), atol=near)


@pytest.mark.parametrize(
    'change',
    [
        dict(kind='magic'), dict(threshold=float('nan')), dict(temperature=0.0), dict(quantiles=[1.0, 0.0]),
        dict(kind='distance'), dict(kind='density'), dict(kind='distance+density'),
        dict(density=dict(features=torch.zeros(2, 3), own=torch.zeros(3), nearest=1)),
        dict(kind='density', density=dict(features=torch.zeros(2, 3), own=torch.zeros(2), nearest=3)),
        dict(scales=dict(distance=[0.0, 1.0])), dict(scales=dict(distance=[0.0, 0.0])),
        dict(noun=None, figures=3), dict(distances=dict(middle=torch.zeros(2))),
    ],
)  # fmt: skip
def test_a_foreign_calibration_is_refused_in_one_line(change):
    good = Rejection('energy', 1.0, quantiles=(0.0, 1.0)).to_dict()
    Rejection.from_dict(good, 'x.pth')
    with pytest.raises(RejectionError, match=r'x\.pth: the calibration of its rejection cannot be read'):
        Rejection.from_dict(good | change, 'x.pth')


def test_class_means_of_another_number_of_classes_are_refused():
    known, labels, _ = clouds()
    made = Rejection('distance', 1.0, distances=fit_class_distances(known, labels, 2)).to_dict()
    with pytest.raises(RejectionError, match='2 class means for 3 classes'):
        Rejection.from_dict(made, 'x.pth', 3)
