"""Errors of motion retargeting (thesis 4.5.3, Table 4.6)."""

from __future__ import annotations

import numpy as np

from mmactrep.structures import SkeletonLayout


def squared_joint_error(prediction: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Squared error of coordinates, averaged over frames, joints and coordinates.

    Args:
        prediction: (..., T, V, C) coordinates.
        truth: The same.

    Returns:
        (...) in squared units of the coordinates.

    Raises:
        ValueError: If the shapes differ, or coordinates are not finite.
    """
    prediction, truth = np.asarray(prediction, np.float64), np.asarray(truth, np.float64)
    if prediction.shape != truth.shape or prediction.ndim < 3:
        raise ValueError(
            f'expected predictions and truths (..., T, V, C) of one shape, found {prediction.shape} and '
            f'{truth.shape}'
        )
    error = np.square(prediction - truth).mean(axis=(-3, -2, -1))
    if not np.isfinite(error).all():
        raise ValueError('predictions and truths must be finite')
    return error


def root_centered(keypoint: np.ndarray, layout: str | SkeletonLayout) -> np.ndarray:
    """Coordinates (..., V, C) relative to the root joint: the pose without the path of the root."""
    from mmactrep.structures.motion_representation import motion_root

    keypoint = np.asarray(keypoint)
    return keypoint - keypoint[..., [motion_root(layout)], :]


def reconstruction_shares(
    reconstruction: np.ndarray, truth: np.ndarray, layout: str | SkeletonLayout
) -> tuple[float, float]:
    """How much of a pose and of its movement an autoencoder loses, as unitless shares.

    Args:
        reconstruction: (T, V, C) coordinates.
        truth: The same.
        layout: Layout of the joints.

    Returns:
        The root mean squared error of the joints relative to the root, as a share of the body's size (the
        root mean square of the joints relative to the root); and the mean squared error of the joints'
        movement about their means over time, as a share of the variance of that movement: 0 is perfect, 1 is
        what standing still would give. ``nan`` for a body without extent or movement.

    Raises:
        ValueError: See :func:`squared_joint_error`.
    """
    made, true = root_centered(reconstruction, layout), root_centered(truth, layout)
    size = float(np.square(true, dtype=np.float64).mean())
    pose = float(squared_joint_error(made, true))
    moved = float(np.square(true - true.mean(axis=0), dtype=np.float64).mean())
    movement = float(squared_joint_error(made - made.mean(axis=0), true - true.mean(axis=0)))
    return (
        float(np.sqrt(pose / size)) if size > 0 else float('nan'),
        movement / moved if moved > 1e-12 * size else float('nan'),
    )


def code_distance(first: np.ndarray, second: np.ndarray) -> float:
    """Sum of the squared differences of two codes of one shape.

    Raises:
        ValueError: If the shapes differ.
    """
    first, second = np.asarray(first, np.float64), np.asarray(second, np.float64)
    if first.shape != second.shape:
        raise ValueError(f'expected codes of one shape, found {first.shape} and {second.shape}')
    return float(np.square(first - second).sum())


def relative_change(changed: float, different: float) -> float:
    """How far codes moved, as a share of the distance between codes of different sequences.

    Both arguments are sums of :func:`code_distance` over a data set. 0 means that nothing moved, 1 that codes
    moved as far as the codes of different sequences are apart.
    """
    return float(np.sqrt(changed / different)) if different > 0 else float('nan')
