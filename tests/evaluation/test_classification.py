from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as sklearn_metrics

from mmactrep.evaluation import functional as F

# Predictions 0, 0, 1, 2, 2, 0 for the labels 0, 0, 0, 1, 2, 2; nobody is of class 3.
SCORES = np.array(
    [
        [0.9, 0.1, 0.0, 0.0],
        [0.5, 0.2, 0.3, 0.0],
        [0.3, 0.4, 0.2, 0.1],
        [0.1, 0.3, 0.4, 0.2],
        [0.0, 0.1, 0.9, 0.0],
        [0.6, 0.3, 0.05, 0.05],
    ]
)
LABELS = np.array([0, 0, 0, 1, 2, 2])


@pytest.fixture
def case():
    """Random scores in which every class occurs and is predicted."""
    rng = np.random.default_rng(3)
    labels = rng.permutation(np.repeat(np.arange(7), 30))
    return rng.normal(size=(210, 7)) + 1.2 * np.eye(7)[labels], labels


def test_top_k_by_hand():
    # Label's rank: 0, 0, 1, 1, 0 and in the last row behind 0.6, 0.3 and tied with class 3: 2.
    assert F.top_k_accuracy(SCORES, LABELS, 1) == pytest.approx(3 / 6)
    assert F.top_k_accuracy(SCORES, LABELS, 2) == pytest.approx(5 / 6)
    assert F.top_k_accuracy(SCORES, LABELS, 3) == 1


def test_top_k_equals_mmaction(case):
    mmaction = pytest.importorskip('mmaction.evaluation.functional')
    scores, labels = case
    expected = mmaction.top_k_accuracy(list(scores), labels.tolist(), (1, 3, 5))
    assert [F.top_k_accuracy(scores, labels, k) for k in (1, 3, 5)] == pytest.approx(expected)


def test_ties_go_to_the_lower_class_everywhere():
    scores, labels = np.zeros((4, 4)), np.arange(4)
    assert [F.top_k_accuracy(scores, labels, k) for k in (1, 2, 3, 4)] == [0.25, 0.5, 0.75, 1]
    matrix = F.confusion_matrix(scores, labels)
    assert matrix[:, 0].tolist() == [1, 1, 1, 1] and matrix[:, 1:].sum() == 0
    assert np.trace(matrix) / 4 == F.top_k_accuracy(scores, labels, 1)


def test_top_k_of_few_classes_is_one_and_k_must_be_positive():
    assert F.top_k_accuracy(np.array([[0.0, 1.0]]), np.array([0]), 5) == 1
    with pytest.raises(ValueError, match='at least 1, got 0'):
        F.top_k_accuracy(SCORES, LABELS, 0)


def test_confusion_matrix_by_hand():
    expected = [[2, 1, 0, 0], [0, 0, 1, 0], [1, 0, 1, 0], [0, 0, 0, 0]]
    assert F.confusion_matrix(SCORES, LABELS).tolist() == expected


def test_per_class_and_mean_accuracy_by_hand():
    np.testing.assert_allclose(F.per_class_accuracy(SCORES, LABELS), [2 / 3, 0, 1 / 2, np.nan])
    assert F.mean_class_accuracy(SCORES, LABELS) == pytest.approx((2 / 3 + 0 + 1 / 2) / 3)


def test_mean_class_accuracy_leaves_out_a_class_that_is_only_predicted():
    scores = np.eye(3)[[0, 2, 1, 1]]
    labels = np.array([0, 0, 1, 1])
    assert F.mean_class_accuracy(scores, labels) == pytest.approx(0.75)
    # The macro recall does count it, as 0.
    assert F.precision_recall_f_score(scores, labels)[1] == pytest.approx(0.5)


def test_mean_class_accuracy_equals_both_libraries(case):
    mmaction = pytest.importorskip('mmaction.evaluation.functional')
    scores, labels = case
    value = F.mean_class_accuracy(scores, labels)
    assert value == pytest.approx(mmaction.mean_class_accuracy(list(scores), labels.tolist()))
    assert value == pytest.approx(sklearn_metrics.balanced_accuracy_score(labels, scores.argmax(1)))


def test_precision_recall_f_score_by_hand():
    """Eq. 2.3 to 2.5 with the counts (TP, FP, FN) of each class written out."""
    counts = {0: (2, 1, 1), 1: (0, 1, 1), 2: (1, 1, 1)}
    precision = {c: tp / (tp + fp) for c, (tp, fp, _) in counts.items()}
    recall = {c: tp / (tp + fn) for c, (tp, _, fn) in counts.items()}
    f_scores = [2 * precision[c] * recall[c] / (precision[c] + recall[c]) if recall[c] else 0 for c in counts]
    expected = [np.mean(list(precision.values())), np.mean(list(recall.values())), np.mean(f_scores)]
    assert F.precision_recall_f_score(SCORES, LABELS) == pytest.approx(expected)


def test_precision_recall_f_score_per_class_covers_all_classes(case):
    scores, labels = case
    for values, name in zip(F.precision_recall_f_score(scores, labels, average=False), range(3)):
        assert values.shape == (7,)
        assert values.mean() == pytest.approx(F.precision_recall_f_score(scores, labels)[name])
    assert [v[3] for v in F.precision_recall_f_score(SCORES, LABELS, average=False)] == [0, 0, 0]


def test_classification_metrics_equal_scikit_learn(case):
    scores, labels = case
    predicted = scores.argmax(1)
    result = F.classification_metrics(scores, labels, topk=(1, 2))
    assert list(result) == ['top1', 'top2', 'mean_class_accuracy', 'precision', 'recall', 'f_score']
    assert result['top1'] == pytest.approx(sklearn_metrics.accuracy_score(labels, predicted))
    assert result['top2'] == pytest.approx(sklearn_metrics.top_k_accuracy_score(labels, scores, k=2))
    assert result['precision'] == pytest.approx(
        sklearn_metrics.precision_score(labels, predicted, average='macro')
    )
    assert result['recall'] == pytest.approx(sklearn_metrics.recall_score(labels, predicted, average='macro'))
    assert result['f_score'] == pytest.approx(sklearn_metrics.f1_score(labels, predicted, average='macro'))
    assert all(type(value) is float for value in result.values())


@pytest.mark.filterwarnings('error')
def test_a_single_clip_gives_no_warning():
    assert F.classification_metrics(SCORES[:1], LABELS[:1])['f_score'] == 1


@pytest.mark.parametrize(
    ('scores', 'labels', 'message'),
    [
        (np.zeros((0, 3)), np.zeros(0, int), 'at least one of each'),
        (np.zeros((2, 0)), np.zeros(2, int), 'at least one of each'),
        (np.zeros(3), np.zeros(3, int), r'found shape \(3,\)'),
        (np.zeros((2, 3)), np.zeros(3, int), r'shape \(2,\), found shape \(3,\)'),
        (np.zeros((2, 3)), np.zeros(2), 'integers, found float64'),
        (np.zeros((2, 3)), np.array([0, 3]), r'\[0, 3\), found \[3\] for 1 clip\(s\): 1 \(rows\)'),
        (np.zeros((2, 3)), np.array([-1, 0]), r'found \[-1\] for 1 clip\(s\): 0'),
        (np.array([[0, 1], [0, np.nan], [np.inf, 0]]), np.zeros(3, int), r'NaN or infinite for 2 .*: 1, 2'),
    ],
)
def test_bad_input_is_refused(scores, labels, message):
    for function in (F.top_k_accuracy, F.confusion_matrix, F.mean_class_accuracy, F.classification_metrics):
        with pytest.raises(ValueError, match=message):
            function(scores, labels)


def test_message_names_clips_and_counts_the_rest():
    scores = np.full((8, 2), np.nan)
    with pytest.raises(ValueError, match=r"8 clip\(s\): 'c0', 'c1', 'c2', 'c3', 'c4' and 3 more"):
        F.check_scores(scores, None, [f'c{i}' for i in range(8)])


def test_softmax_by_hand_and_of_large_scores():
    np.testing.assert_allclose(F.softmax(np.log([[1.0, 3.0]])), [[0.25, 0.75]])
    np.testing.assert_allclose(F.softmax(np.array([[1e4, 0]], np.float32)), [[1, 0]])


def test_score_kind():
    logits = np.random.default_rng(0).normal(size=(5, 4))
    assert F.score_kind(logits) == 'logits'
    assert F.score_kind(np.abs(logits)) == 'logits'
    assert F.score_kind(F.softmax(logits)) == 'probabilities'
    assert F.score_kind(F.softmax(logits).astype(np.float16)) == 'probabilities'
    assert F.score_kind(np.array([[0.7, 0.3], [1.2, -0.2]])) == 'logits'


def test_fuse_by_hand():
    a, b = np.log([[1.0, 3.0]]), np.log([[4.0, 1.0]])
    np.testing.assert_allclose(F.fuse([a, b]), [[0.25 + 0.8, 0.75 + 0.2]])
    np.testing.assert_allclose(F.fuse([a, b], weights=[2, 0.5]), [[0.5 + 0.4, 1.5 + 0.1]])


def test_fuse_does_not_apply_softmax_twice():
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=(2, 50, 6)) * 4
    expected = F.fuse([a, b])
    np.testing.assert_allclose(F.fuse([F.softmax(a), b]), expected)
    np.testing.assert_allclose(F.fuse([F.softmax(a), F.softmax(b)], kinds=['probabilities'] * 2), expected)
    twice = F.fuse([F.softmax(a), b], kinds=['logits', 'logits'])
    assert (twice.argmax(1) != expected.argmax(1)).any()


def test_fuse_leaves_its_input_alone():
    a = np.array([[0.25, 0.75]])
    F.fuse([a, a], weights=[3, 3])
    assert a.tolist() == [[0.25, 0.75]]


@pytest.mark.parametrize(
    ('streams', 'options', 'message'),
    [
        ([], {}, 'share one shape'),
        ([np.zeros((2, 3)), np.zeros((2, 4))], {}, r'\(2, 3\), \(2, 4\)'),
        ([np.zeros((2, 3)), np.full((2, 3), np.nan)], {}, 'NaN'),
        ([np.zeros((2, 3))], dict(weights=[1, 2]), '1 streams need as many weights'),
        ([np.zeros((2, 3))] * 2, dict(weights=[1, -1]), 'at least 0'),
        ([np.zeros((2, 3))] * 2, dict(weights=[0, 0]), 'not all 0'),
        ([np.zeros((2, 3))] * 2, dict(weights=[np.nan, 1]), 'at least 0'),
        ([np.zeros((2, 3))] * 2, dict(kinds=['logits']), 'as many kinds'),
        ([np.zeros((2, 3))], dict(kinds=['scores']), 'as many kinds'),
    ],
)
def test_fuse_refuses_what_does_not_fit(streams, options, message):
    with pytest.raises(ValueError, match=message):
        F.fuse(streams, **options)


def test_pair_accuracy_by_hand():
    """Clips of 0 and 2 alone count, by which of the two scores higher; a tie is half right."""
    scores = np.array([[3, 9, 1], [1, 0, 2], [2, 5, 2], [0, 9, 1], [5, 0, 1], [0, 1, 0]], float)
    labels = np.array([0, 0, 0, 2, 2, 1])
    assert F.pair_accuracy(scores, labels, (0, 2)) == (1 + 0 + 0.5 + 1 + 0) / 5
    assert F.pair_accuracy(scores, labels, (2, 0)) == F.pair_accuracy(scores, labels, (0, 2))
    assert F.pair_accuracy(scores, labels, (1, 2)) == (1 + 0 + 1) / 3
    with pytest.raises(ValueError, match='class 1 has no clips to tell from those of class 0'):
        F.pair_accuracy(scores[:5], labels[:5], (0, 1))
