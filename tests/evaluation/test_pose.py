from __future__ import annotations

import math

import numpy as np
import pytest

from mmactrep.evaluation import functional as F


def random_bodies(seed=0, bodies=40, joints=13):
    rng = np.random.default_rng(seed)
    truth = rng.uniform(0, 300, (bodies, joints, 2))
    prediction = truth + rng.normal(size=truth.shape) * 12
    return prediction, truth, rng.random((bodies, joints)) > 0.2, rng.uniform(15, 30, bodies)


def test_errors_by_hand():
    truth = np.array([[[0.0, 0], [10, 0], [20, 0], [30, 0]]])
    prediction = truth + np.array([[3.0, 4]])
    errors = F.normalized_errors(
        prediction, truth, np.array([[1, 0.2, 0, 1]]), np.array([[1, 1, 1, 0]]), [10]
    )
    np.testing.assert_allclose(errors, [[0.5, 0.5, np.inf, np.nan]])
    # One of three joints is missed; 5 pixels are within half of a head of 10.
    assert F.pckh(errors, 0.5) == pytest.approx(2 / 3)
    assert F.pckh(errors, 0.49) == 0
    assert F.mpjpe(errors) == pytest.approx(0.5)
    np.testing.assert_allclose(F.pckh(errors, 0.5, axis=0), [1, 1, 0, np.nan])


def test_bodies_without_length_and_bodies_without_joints_do_not_count():
    prediction, truth, seen, length = random_bodies(bodies=3)
    length[0], length[1] = np.nan, 0
    errors = F.normalized_errors(prediction, truth, np.ones_like(seen), np.ones_like(seen), length)
    assert np.isnan(errors[:2]).all() and np.isfinite(errors[2]).all()
    assert F.pckh(errors) == pytest.approx(F.pckh(errors[2:]))
    assert np.isnan(F.pckh(errors[:2])) and np.isnan(F.mpjpe(errors[:2]))
    assert np.isnan(F.mpjpe(errors, axis=-1)).tolist() == [True, True, False]


def test_pckh_equals_mmpose():
    mmpose = pytest.importorskip('mmpose.evaluation.functional')
    prediction, truth, seen, length = random_bodies()
    errors = F.normalized_errors(prediction, truth, np.ones_like(seen), seen, length)
    for threshold in (0.3, 0.5, 2.0):
        per_joint, mean, _ = mmpose.keypoint_pck_accuracy(
            prediction, truth, seen, threshold, np.repeat(length[:, None], 2, axis=1)
        )
        np.testing.assert_allclose(F.pckh(errors, threshold, axis=0), per_joint)
        assert 0 < mean <= 1


def test_mpjpe_joint_by_joint():
    prediction, truth, seen, length = random_bodies(3)
    found = np.random.default_rng(4).random(seen.shape) > 0.3
    errors = F.normalized_errors(prediction, truth, found, seen, length)
    per_body = [
        [math.dist(p, t) / size for p, t, f, s in zip(*body, strict=True) if f and s]
        for *body, size in zip(prediction, truth, found, seen, length)
    ]
    np.testing.assert_allclose(F.mpjpe(errors, axis=-1), [np.mean(values) for values in per_body])
    assert F.mpjpe(errors) == pytest.approx(np.mean([error for body in per_body for error in body]))


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        (dict(prediction=np.zeros((4, 12, 2))), r'prediction: expected \(4, 13, 2\).*found \(4, 12, 2\)'),
        (dict(prediction_score=np.zeros((4, 12))), r'prediction_score: expected \(4, 13\)'),
        (dict(truth_score=np.zeros(4)), r'truth_score: expected \(4, 13\)'),
        (dict(length=np.zeros((4, 13))), r'length: expected \(4,\), one per body, found \(4, 13\)'),
        (dict(prediction=np.full((4, 13, 2), np.nan)), 'prediction: joints with a score must have finite'),
        (dict(truth=np.full((4, 13, 2), np.inf)), 'truth: joints with a score must have finite'),
    ],
)
def test_bad_input_is_refused(change, message):
    arguments = dict(
        prediction=np.zeros((4, 13, 2)),
        truth=np.zeros((4, 13, 2)),
        prediction_score=np.ones((4, 13)),
        truth_score=np.ones((4, 13)),
        length=np.ones(4),
    )
    with pytest.raises(ValueError, match=message):
        F.normalized_errors(**(arguments | change))
