"""How far estimated skeletons are from true ones: PCKh and head-normalized MPJPE (thesis 3.6.1)."""

from __future__ import annotations

import numpy as np


def normalized_errors(
    prediction: np.ndarray,
    truth: np.ndarray,
    prediction_score: np.ndarray,
    truth_score: np.ndarray,
    length: np.ndarray,
) -> np.ndarray:
    """Distance of every joint from its true position, in head lengths.

    Args:
        prediction: (..., V, C) estimated coordinates.
        truth: (..., V, C) true coordinates.
        prediction_score: (..., V) confidences or a mask, 0 where the estimator missed a joint.
        truth_score: (..., V) the same for the truth; joints of score 0 do not count.
        length: (...) head length of each true body in the unit of the coordinates. The thesis takes the
            distance from head to neck: :func:`mmactrep.structures.body_length.body_length` of the truth.

    Returns:
        (..., V) float64: infinite where the estimator missed the joint, NaN where the truth lacks the joint
        or the body has no positive length.

    Raises:
        ValueError: If the shapes do not match, or a coordinate that counts is not finite.
    """
    prediction, truth = np.asarray(prediction, np.float64), np.asarray(truth, np.float64)
    prediction_score, truth_score = np.asarray(prediction_score), np.asarray(truth_score)
    length = np.asarray(length, np.float64)
    shapes = dict(prediction=prediction, prediction_score=prediction_score, truth_score=truth_score)
    for name, array in shapes.items():
        expected = truth.shape if array is prediction else truth.shape[:-1]
        if array.shape != expected:
            raise ValueError(f'{name}: expected {expected} for a truth of {truth.shape}, found {array.shape}')
    if length.shape != truth.shape[:-2]:
        raise ValueError(f'length: expected {truth.shape[:-2]}, one per body, found {length.shape}')
    known = (truth_score > 0) & (length > 0)[..., None]
    found = known & (prediction_score > 0)
    for name, array, mask in (('truth', truth, known), ('prediction', prediction, found)):
        if not np.isfinite(array[mask]).all():
            raise ValueError(f'{name}: joints with a score must have finite coordinates')
    error = np.where(known, np.inf, np.nan)
    lengths = np.broadcast_to(length[..., None], known.shape)[found]
    error[found] = np.sqrt(((prediction[found] - truth[found]) ** 2).sum(axis=-1)) / lengths
    return error


def pckh(errors: np.ndarray, threshold: float = 0.5, axis: int | tuple[int, ...] | None = None) -> np.ndarray:
    """Percentage of correct keypoints, PCKh @threshold, as a share in [0, 1].

    A joint is correct within ``threshold`` head lengths of the truth; a missed joint is wrong.

    Args:
        errors: (..., V) of :func:`normalized_errors`.
        threshold: In head lengths: 0.5 on Smarthome-Pose, 2.0 on NTU-Pose.
        axis: Axes to take the share over; all but the last give one value per joint. Default: all joints of
            all bodies together.

    Returns:
        The share; NaN where no joint counts.
    """
    counted = ~np.isnan(errors)
    return _share((errors <= threshold).sum(axis=axis), counted.sum(axis=axis))


def mpjpe(errors: np.ndarray, axis: int | tuple[int, ...] | None = None) -> np.ndarray:
    """Mean per-joint position error in head lengths, over the joints that truth and estimator both have.

    A missed joint has no position and is skipped, so an estimator that misses difficult joints looks better
    than it is: read it together with PCKh, which counts them as wrong.

    Args:
        errors: (..., V) of :func:`normalized_errors`.
        axis: Axes to average over; -1 gives one value per body. Default: all joints of all bodies together.

    Returns:
        The mean; NaN where there are no joints to average.
    """
    there = np.isfinite(errors)
    return _share(np.where(there, errors, 0).sum(axis=axis), there.sum(axis=axis))


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    with np.errstate(invalid='ignore'):
        return np.true_divide(part, whole)
