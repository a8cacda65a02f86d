from __future__ import annotations

import numpy as np
import pytest
import torch

from mmactrep.evaluation import PoseMetric
from mmactrep.registry import METRICS


def samples():
    """Two clips of penn13: heads 10 above necks (between the shoulders), all joints 4 or 8 off."""
    truth = np.zeros((6, 13, 2), np.float32)
    truth[..., 0] = np.arange(13) * 7 + 5
    truth[..., 1] = 50
    truth[:, 0] = (truth[0, 1] + truth[0, 2]) / 2 - (0, 10)
    seen = np.ones((6, 13), np.float32)
    found = seen.copy()
    found[0, :] = 0
    prediction = truth + np.where(np.arange(6) < 3, 4, 8)[:, None, None] * np.float32([1, 0])
    return [
        dict(
            pred_keypoint=torch.from_numpy(prediction[rows]),
            pred_keypoint_score=torch.from_numpy(found[rows]),
            gt_keypoint=truth[rows],
            gt_keypoint_score=seen[rows],
        )
        for rows in (slice(0, 4), slice(4, 6))
    ]


def test_metric_over_the_data_set_by_hand():
    metric = METRICS.build(dict(type='PoseMetric', layout='penn13', thresholds=(0.5, 2)))
    for sample in samples():
        metric.process(None, [sample])
    # Frame 0 is missed, frames 1 and 2 are 0.4 heads off, frames 3 to 5 0.8.
    result = metric.evaluate(2)
    assert result == pytest.approx(
        {'pose/PCKh@0.5': 2 / 6, 'pose/PCKh@2': 5 / 6, 'pose/MPJPE': (2 * 0.4 + 3 * 0.8) / 5}
    )


def test_without_scores_zero_is_missing():
    metric = PoseMetric('penn13')
    for sample in samples():
        sample['pred_keypoint'] = sample['pred_keypoint'] * sample.pop('pred_keypoint_score')[..., None]
        del sample['gt_keypoint_score']
        metric.process(None, [sample])
    assert metric.evaluate(2)['pose/PCKh@0.5'] == pytest.approx(2 / 6)


def test_bad_input_is_refused():
    with pytest.raises(KeyError, match="unknown skeleton layout 'penn'"):
        PoseMetric('penn')
    with pytest.raises(ValueError, match='unknown normalizer'):
        PoseMetric('penn13', normalizer='torso')
    with pytest.raises(ValueError, match=r'must be above 0, found \(0.5, 0\)'):
        PoseMetric('penn13', thresholds=(0.5, 0))
    with pytest.raises(ValueError, match="pred_keypoint: layout 'coco17' has 17 joints, found"):
        PoseMetric('coco17').process(None, samples())
