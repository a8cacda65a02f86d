from __future__ import annotations

import numpy as np
import pytest
import torch
from mmengine.evaluator import Evaluator

from mmactrep.evaluation import ClassificationMetric, classification_metrics
from mmactrep.registry import METRICS


def data_samples(scores, labels, ids=None):
    """Mmaction2's data samples, as a recognizer returns them."""
    from mmaction.structures import ActionDataSample

    samples = []
    for i, (row, label) in enumerate(zip(scores, labels)):
        sample = ActionDataSample().set_pred_score(torch.as_tensor(row)).set_gt_label(int(label))
        if ids is not None:
            sample.set_metainfo(dict(frame_dir=ids[i]))
        samples.append(sample)
    return samples


@pytest.fixture
def case():
    rng = np.random.default_rng(5)
    labels = rng.integers(0, 6, 40)
    return (rng.normal(size=(40, 6)) + np.eye(6)[labels]).astype(np.float32), labels


def test_agrees_with_mmaction_acc_metric(case):
    scores, labels = case
    theirs = METRICS.build(dict(type='AccMetric'))
    evaluator = Evaluator([ClassificationMetric(prefix='ours'), theirs])
    for start in range(0, 40, 7):
        evaluator.process(data_samples(scores[start : start + 7], labels[start : start + 7]))
    result = evaluator.evaluate(40)
    for name, their_name in dict(top1='top1', top5='top5', mean_class_accuracy='mean1').items():
        assert result[f'ours/{name}'] == pytest.approx(result[f'acc/{their_name}'])
    assert 0.2 < result['ours/top1'] < 1


def test_builds_from_the_registry_and_gives_the_items_asked_for(case):
    scores, labels = case
    metric = METRICS.build(
        dict(type='ClassificationMetric', items=('f_score', 'top3', 'precision', 'recall'))
    )
    assert isinstance(metric, ClassificationMetric)
    metric.process(None, [sample.to_dict() for sample in data_samples(scores, labels)])
    result = metric.evaluate(40)
    expected = classification_metrics(scores, labels, topk=(3,))
    assert result == {f'acc/{name}': expected[name] for name in metric.items}


def test_clips_that_the_sampler_repeated_are_dropped():
    scores = np.eye(2, dtype=np.float32)[[0, 0, 0, 1]]
    metric = ClassificationMetric()
    # The fourth is padding: right if it is counted, so counting it would show.
    metric.process(None, [s.to_dict() for s in data_samples(scores, [0, 1, 1, 1])])
    assert metric.evaluate(3)['acc/top1'] == pytest.approx(1 / 3)


def test_bfloat16_scores_and_few_classes():
    metric = ClassificationMetric()
    scores = torch.tensor([[0.0, 1.0], [1.0, 0.0]], dtype=torch.bfloat16)
    metric.process(None, [s.to_dict() for s in data_samples(scores, [1, 1])])
    assert metric.evaluate(2) == {'acc/top1': 0.5, 'acc/top5': 1.0, 'acc/mean_class_accuracy': 0.5}


@pytest.mark.parametrize('items', [('top0',), ('top',), ('top1', 'mAP'), ()])
def test_unknown_items_are_refused(items):
    with pytest.raises(ValueError, match='choose from'):
        ClassificationMetric(items=items)


def test_bad_samples_are_refused_by_name():
    metric = ClassificationMetric()
    sample = data_samples([[0.0, np.nan]], [0], ['clip_a'])[0].to_dict()
    with pytest.raises(ValueError, match=r"clip 'clip_a': .*NaN"):
        metric.process(None, [sample])
    with pytest.raises(ValueError, match=r"clip 'b': .*\(3, 2\).*average_clips"):
        metric.process(None, [dict(pred_score=torch.zeros(3, 2), gt_label=torch.tensor([0]), frame_dir='b')])
    with pytest.raises(ValueError, match=r'a clip: expected one label, found \[0, 1\]'):
        metric.process(None, [dict(pred_score=torch.zeros(2), gt_label=torch.tensor([0, 1]))])
    metric.process(None, [dict(pred_score=torch.zeros(2), gt_label=torch.tensor([2]))])
    with pytest.raises(ValueError, match=r'labels must lie in \[0, 2\), found \[2\]'):
        metric.evaluate(1)
