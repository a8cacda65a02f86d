"""Zero-shot figures against cases worked out by hand and against the definitions written out."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from mmactrep.evaluation import ZeroShotMetric
from mmactrep.evaluation.functional import (
    calibrated,
    choose_constant,
    conse,
    map_by_similarity,
    top_k_accuracy,
    zero_shot_metrics,
)

SEEN = np.array([True, False, True, False])
# the class that wins for each clip, and the unseen class that wins among those
SCORES = np.array(
    [
        [9, 1, 2, 0],  # of 0: right
        [3, 1, 9, 0],  # of 0: taken for 2
        [1, 2, 9, 0],  # of 2: right
        [9, 5, 0, 1],  # of 1: taken for 0; right among the unseen
        [0, 9, 1, 2],  # of 1: right
        [0, 9, 1, 2],  # of 1: right
        [1, 4, 0, 3],  # of 3: taken for 1, among the unseen too
    ],
    float,
)
LABELS = np.array([0, 0, 2, 1, 1, 1, 3])


def test_figures_of_a_case_worked_out_by_hand():
    found = zero_shot_metrics(SCORES, LABELS, SEEN)
    seen, unseen, mean_seen, mean_unseen = 2 / 3, 2 / 4, (1 / 2 + 1) / 2, (2 / 3 + 0) / 2
    expected = dict(
        unseen_only=3 / 4,
        all=4 / 7,
        seen=seen,
        unseen=unseen,
        harmonic_mean=2 / (1 / seen + 1 / unseen),
        mean_class_unseen_only=(1 + 0) / 2,
        mean_class_all=(1 / 2 + 1 + 2 / 3 + 0) / 4,
        mean_class_seen=mean_seen,
        mean_class_unseen=mean_unseen,
        mean_class_harmonic_mean=2 / (1 / mean_seen + 1 / mean_unseen),
    )
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        assert found[name] == pytest.approx(value), name


def test_a_data_set_that_is_unseen_as_a_whole_has_the_ordinary_accuracy():
    found = zero_shot_metrics(SCORES, LABELS, np.zeros(4, bool))
    assert found['unseen_only'] == found['all'] == found['unseen'] == top_k_accuracy(SCORES, LABELS)
    assert 'seen' not in found and 'harmonic_mean' not in found


def test_without_clips_of_unseen_classes_only_the_seen_have_figures():
    rows = SEEN[LABELS]
    found = zero_shot_metrics(SCORES[rows], LABELS[rows], SEEN)
    assert found['seen'] == found['all'] == pytest.approx(2 / 3)
    assert not any('unseen' in name for name in found)


def test_nothing_right_is_a_harmonic_mean_of_zero():
    wrong = np.where(np.arange(4) == LABELS[:, None], -1.0, 0.0)
    assert zero_shot_metrics(wrong, LABELS, SEEN)['harmonic_mean'] == 0


@pytest.mark.parametrize('seen', [np.array([1, 0, 1, 0]), np.array([True, False])])
def test_seen_must_be_a_boolean_for_each_class(seen):
    with pytest.raises(ValueError, match='boolean for each of 4 classes'):
        zero_shot_metrics(SCORES, LABELS, seen)


@pytest.mark.parametrize('kept', [0.0, 0.5, 0.85, 0.9, 1.0])
def test_the_constant_keeps_the_share_of_training_clips_and_not_much_more(rng, kept):
    scores = rng.normal(size=(200, 4)).astype(np.float32) + 8 * SEEN  # all stay at first
    constant = choose_constant(scores, SEEN, kept)
    stays = SEEN[calibrated(scores, SEEN, constant).argmax(axis=1)].mean()
    assert stays >= kept
    further = SEEN[calibrated(scores, SEEN, constant + 0.5).argmax(axis=1)].mean()
    assert further < max(kept, 0.005)


def test_the_constant_is_just_below_the_margin_of_the_last_clip_that_is_kept():
    """Margins of 1 to 10; ties go to the first class, which is the unseen one."""
    seen = np.array([False, True])
    scores = np.stack([np.zeros(10), np.arange(1.0, 11.0)], axis=1)
    for kept, margin in ((1.0, 1), (0.9, 2), (0.5, 6), (0.0, 10)):
        constant = choose_constant(scores, seen, kept)
        assert margin - 1e-6 < constant < margin
        stays = seen[calibrated(scores, seen, constant).argmax(axis=1)].mean()
        assert stays == pytest.approx(max(kept, 0.1))


def test_the_constant_never_favors_seen_classes():
    scores = np.array([[3.0, 1.0], [2.0, 1.0]])
    assert choose_constant(scores, np.array([False, True]), 1.0) == 0


def test_calibration_helps_unseen_classes_and_only_those(rng):
    before = zero_shot_metrics(SCORES, LABELS, SEEN)
    after = zero_shot_metrics(calibrated(SCORES, SEEN, 4.5), LABELS, SEEN)
    assert after['unseen'] == 3 / 4 > before['unseen'] and after['unseen_only'] == before['unseen_only']
    np.testing.assert_array_equal(calibrated(SCORES, SEEN, 1.5) - SCORES, np.tile(-1.5 * SEEN, (7, 1)))


def test_the_constant_needs_both_kinds_of_classes(rng):
    for seen in (np.ones(4, bool), np.zeros(4, bool)):
        with pytest.raises(ValueError, match='seen and unseen'):
            choose_constant(SCORES, seen)
    with pytest.raises(ValueError, match='share'):
        choose_constant(SCORES, SEEN, 1.2)


def unit_rows(rng, *shape):
    rows = rng.normal(size=shape)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_conse_is_its_formula(rng):
    """Norouzi et al. 2014: f(x) = 1/Z Σ_t p(y_t|x) s(y_t), over the T likeliest; then the cosine."""
    shares, seen, wanted = rng.dirichlet(np.ones(6), 5), unit_rows(rng, 6, 8), unit_rows(rng, 3, 8)
    found = conse(shares, seen, wanted, top_k=2)
    for n in range(5):
        best = sorted(range(6), key=lambda s: -shares[n, s])[:2]
        vector = sum(shares[n, s] * seen[s] for s in best) / sum(shares[n, s] for s in best)
        for k in range(3):
            cosine = vector @ wanted[k] / np.linalg.norm(vector)
            assert found[n, k] == pytest.approx(cosine)
    certain = conse(np.eye(6), seen, seen)
    np.testing.assert_array_equal(certain.argmax(axis=1), np.arange(6))


def test_shares_by_similarity_are_their_formula_and_probabilities(rng):
    shares, seen, wanted = rng.dirichlet(np.ones(6), 5), unit_rows(rng, 6, 8), unit_rows(rng, 3, 8)
    found = map_by_similarity(shares, seen, wanted, temperature=0.3)
    for n in range(5):
        for k in range(3):
            value = 0.0
            for s in range(6):
                weights = [np.exp(seen[s] @ wanted[j] / 0.3) for j in range(3)]
                value += shares[n, s] * weights[k] / sum(weights)
            assert found[n, k] == pytest.approx(value)
    np.testing.assert_allclose(found.sum(axis=1), 1)


def test_vectors_that_do_not_fit_are_refused(rng):
    shares = rng.dirichlet(np.ones(6), 5)
    with pytest.raises(ValueError, match='each of 6 seen classes, found 4'):
        conse(shares, np.ones((4, 8)), np.ones((3, 8)))
    with pytest.raises(ValueError, match=r'vectors \(S, D\) and \(K, D\)'):
        map_by_similarity(shares, np.ones((6, 8)), np.ones((3, 7)))
    with pytest.raises(ValueError, match='top_k'):
        conse(shares, np.ones((6, 8)), np.ones((3, 8)), top_k=0)


def test_the_metric_counts_batches_together_and_reads_published_lists():
    metric = ZeroShotMetric(seen=['a', 'c'])
    metric.dataset_meta = dict(classes=list('abcd'))
    samples = [
        dict(pred_score=torch.tensor(row), gt_label=torch.tensor([label]))
        for row, label in zip(SCORES, LABELS.tolist())
    ]
    metric.process(None, samples[:3])
    metric.process(None, samples[3:])
    found = metric.evaluate(len(samples))
    expected = zero_shot_metrics(SCORES, LABELS, SEEN)
    assert found == pytest.approx({f'zero_shot/{name}': value for name, value in expected.items()})
    assert len(ZeroShotMetric(seen='penn_action/seen 1').seen) == 10


def test_the_metric_refuses_classes_that_the_data_lack():
    metric = ZeroShotMetric(seen=['z'])
    metric.dataset_meta = dict(classes=list('abcd'))
    metric.process(None, [dict(pred_score=torch.rand(4), gt_label=torch.tensor([0]))])
    with pytest.raises(ValueError, match="no class 'z'"):
        metric.evaluate(1)
