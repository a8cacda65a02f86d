from __future__ import annotations

import numpy as np
import pytest
import torch

from mmactrep.evaluation import RetargetingMetric, code_distance, relative_change, squared_joint_error
from mmactrep.evaluation.functional import reconstruction_shares
from mmactrep.registry import METRICS
from mmactrep.structures import get_layout

ROOT = get_layout('motion15').index('mid_hip')


def pair(rng, joint_error: float, root_error: float, code_shift: float) -> dict:
    """A pair whose prediction is off by a constant in all joints but the root, and by another in the path."""
    truth = torch.from_numpy(rng.normal(size=(2, 8, 15, 2)))
    prediction = truth + root_error
    prediction += joint_error
    prediction[:, :, ROOT] -= joint_error
    code = torch.from_numpy(rng.normal(size=(2, 6, 3)))
    static = torch.tensor([[0.0, 0.0], [3.0, 4.0]])
    return dict(
        pred_keypoint=prediction,
        gt_keypoint=truth,
        motion_keypoint=truth + 2,
        static_keypoint=truth * 0,
        motion_code=code,
        recovered_motion_code=code + code_shift * (code - code.flip(0)),
        static_code=static,
        recovered_static_code=static + torch.tensor([3.0, 0.0]),
    )


def test_metric_by_hand(rng):
    metric = METRICS.build(dict(type='RetargetingMetric', layout='motion15'))
    samples = [pair(rng, 1, 0, 0.2), pair(rng, 0, 3, 0.2)]
    for sample in samples:
        metric.process(None, [sample])
    result = metric.evaluate(2)
    # 14 of 15 joints are off by 1 in the first pair, all by 3 in the second
    assert result['retargeting/mse'] == pytest.approx((14 / 15 + 9) / 2)
    assert result['retargeting/mse_pose'] == pytest.approx(14 / 15 / 2)
    assert result['retargeting/copy_source'] == pytest.approx(4)
    assert result['retargeting/copy_source_pose'] == pytest.approx(0, abs=1e-12)
    power = np.mean([(sample['gt_keypoint'] ** 2).mean() for sample in samples])
    assert result['retargeting/copy_static'] == pytest.approx(power)
    assert result['retargeting/motion_code_change'] == pytest.approx(0.2)
    assert result['retargeting/static_code_change'] == pytest.approx(3 / 5)


def test_functions_by_hand():
    truth = np.zeros((3, 2, 4, 2))
    assert squared_joint_error(truth + [3, 4], truth).tolist() == [12.5] * 3
    assert code_distance(np.array([1, 2]), np.array([4, 6])) == 25
    assert relative_change(1, 4) == 0.5 and np.isnan(relative_change(0, 0))


def test_bad_input_is_refused(rng):
    with pytest.raises(KeyError, match="unknown skeleton layout 'motion'"):
        RetargetingMetric('motion')
    with pytest.raises(ValueError, match="gt_keypoint: layout 'ntu25' has 25 joints, found"):
        RetargetingMetric('ntu25').process(None, [pair(rng, 0, 0, 0)])
    with pytest.raises(ValueError, match=r'of one shape, found \(8, 15, 2\) and \(7, 15, 2\)'):
        squared_joint_error(np.zeros((8, 15, 2)), np.zeros((7, 15, 2)))
    with pytest.raises(ValueError, match='must be finite'):
        squared_joint_error(np.full((8, 15, 2), np.nan), np.zeros((8, 15, 2)))
    with pytest.raises(ValueError, match='codes of one shape'):
        code_distance(np.zeros(3), np.zeros(4))


def test_shares_of_a_reconstruction_by_hand(rng):
    layout = get_layout('motion15')
    truth = rng.normal(size=(20, 15, 2))
    assert reconstruction_shares(truth, truth, layout) == (0, 0)
    # the path of the root and the unit do not matter
    assert reconstruction_shares(truth + rng.normal(size=(20, 1, 2)), truth, layout) == pytest.approx((0, 0))
    centered = truth - truth[:, [ROOT]]
    still = np.broadcast_to(centered.mean(axis=0), centered.shape)
    pose, movement = reconstruction_shares(100 * still, 100 * truth, layout)
    assert movement == pytest.approx(1)
    assert pose == pytest.approx(np.sqrt(((still - centered) ** 2).mean() / (centered**2).mean()))
    pose, movement = reconstruction_shares(0.5 * truth, truth, layout)
    assert (pose, movement) == pytest.approx((0.5, 0.25))
    assert np.isnan(reconstruction_shares(still, still, layout)[1])
