"""Random changes of coordinates for training."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.spatial.transform import Rotation

from mmactrep.registry import TRANSFORMS
from mmactrep.structures import SkeletonLayout

from .base import SkeletonTransform, check_choice, linear_map, pivot_of, read_layout
from .random_state import get_rng

_ORIGINS = ('zero', 'screen', 'box')


def mirror(keypoint: np.ndarray, flip_order: Sequence[int], pivot: float = 0.0) -> np.ndarray:
    """Mirror x at a vertical line and swap left and right joints.

    Args:
        keypoint: (..., V, C) coordinates.
        flip_order: Order of the joints after mirroring, ``SkeletonLayout.flip_order``.
        pivot: x of the line.
    """
    new = keypoint[..., list(flip_order), :]
    new[..., 0] = 2 * pivot - new[..., 0]
    return new


def rotation_matrix(angles: Sequence[float]) -> np.ndarray:
    """Rotation in the plane (one angle, 2x2) or about x, then y, then z (three angles, 3x3), float32.

    Args:
        angles: Radians.
    """
    if len(angles) == 1:
        sine, cosine = np.sin(angles[0]), np.cos(angles[0])
        return np.array([[cosine, -sine], [sine, cosine]], np.float32)
    return Rotation.from_euler('xyz', angles).as_matrix().astype(np.float32)


def move(
    keypoint: np.ndarray,
    angle: Sequence[float],
    scale: Sequence[float],
    shift_x: Sequence[float],
    shift_y: Sequence[float],
) -> np.ndarray:
    """Rotate, scale and shift x and y by amounts that change linearly from the first frame to the last.

    Args:
        keypoint: (..., T, V, C) coordinates, C >= 2; channels after y are unchanged.
        angle: Degrees in the first and in the last frame.
        scale: Factors in the first and in the last frame.
        shift_x: Shifts in the first and in the last frame, in the unit of the coordinates.
        shift_y: The same in y.
    """
    length = keypoint.shape[-3]
    turn, factor, dx, dy = (
        np.linspace(first, last, length) for first, last in (angle, scale, shift_x, shift_y)
    )
    turn = np.deg2rad(turn)
    cosine = (np.cos(turn) * factor)[:, None].astype(np.float32)
    sine = (np.sin(turn) * factor)[:, None].astype(np.float32)
    x, y = keypoint[..., 0], keypoint[..., 1]
    new = keypoint.copy()
    new[..., 0] = cosine * x - sine * y + dx[:, None]
    new[..., 1] = sine * x + cosine * y + dy[:, None]
    return new


@TRANSFORMS.register_module()
class RandomMove(SkeletonTransform):
    """Slow drift of the camera: a rotation, a scale and a shift that change from first to last frame.

    They are drawn for both ends of a clip and change linearly between them, the same for all persons. In 3D,
    x and y are moved. With ``num_clips`` in the dictionary every clip has its own drift.

    Args:
        angles: Degrees to choose from.
        scales: Factors to choose from.
        shifts: Shifts to choose from, in the unit of the coordinates (made for normalized ones).
        origin: Fixed point of rotation and scaling: ``'zero'`` (as in the release), ``'screen'``, ``'box'``.
    """

    def __init__(
        self,
        angles: Sequence[float] = (-10, -5, 0, 5, 10),
        scales: Sequence[float] = (0.9, 1.0, 1.1),
        shifts: Sequence[float] = (-0.2, -0.1, 0.0, 0.1, 0.2),
        origin: str = 'zero',
    ) -> None:
        check_choice('origin', origin, _ORIGINS)
        self.angles = tuple(angles)
        self.scales = tuple(scales)
        self.shifts = tuple(shifts)
        self.origin = origin

    def apply(self, keypoint: np.ndarray, score: np.ndarray, results: dict) -> tuple[np.ndarray, np.ndarray]:
        """See :func:`move`."""
        rng = get_rng(results)
        pivot = pivot_of(keypoint, score, self.origin, results.get('img_shape'))
        candidates = (self.angles, self.scales, self.shifts, self.shifts)
        clips = np.split(keypoint - pivot, results.get('num_clips', 1), axis=1)
        moved = [move(clip, *(rng.choice(c, 2) for c in candidates)) for clip in clips]
        return np.concatenate(moved, axis=1) + pivot, score


@TRANSFORMS.register_module()
class RandomRotate(SkeletonTransform):
    """Rotate a whole clip: in the plane in 2D, about all three axes in 3D.

    Args:
        max_angle: Radians; angles are drawn evenly from [-max_angle, max_angle]. Three numbers are the
            limits about x, y and z.
        origin: Fixed point: ``'zero'`` (normalized coordinates), ``'screen'`` (pixels) or ``'box'``.
    """

    def __init__(self, max_angle: float | Sequence[float] = 0.3, origin: str = 'zero') -> None:
        check_choice('origin', origin, _ORIGINS)
        self.max_angle = max_angle
        self.origin = origin

    def apply(self, keypoint: np.ndarray, score: np.ndarray, results: dict) -> tuple[np.ndarray, np.ndarray]:
        """See :func:`rotation_matrix`."""
        num_angles = 1 if keypoint.shape[-1] == 2 else 3
        limits = np.broadcast_to(np.asarray(self.max_angle, np.float64), num_angles)
        rotation = rotation_matrix(get_rng(results).uniform(-limits, limits))
        pivot = pivot_of(keypoint, score, self.origin, results.get('img_shape'))
        return linear_map(keypoint - pivot, rotation) + pivot, score


@TRANSFORMS.register_module()
class RandomScale(SkeletonTransform):
    """Scale a whole clip.

    Args:
        scale: Range (low, high) of the factor.
        anisotropic: Draw a factor for each axis.
        origin: Fixed point: ``'zero'`` (normalized coordinates), ``'screen'`` (pixels) or ``'box'``.
    """

    def __init__(
        self, scale: tuple[float, float] = (0.8, 1.2), anisotropic: bool = True, origin: str = 'zero'
    ) -> None:
        if not 0 < scale[0] <= scale[1]:
            raise ValueError(f'scale must be (low, high) with 0 < low <= high, got {scale}')
        check_choice('origin', origin, _ORIGINS)
        self.scale = tuple(scale)
        self.anisotropic = anisotropic
        self.origin = origin

    def apply(self, keypoint: np.ndarray, score: np.ndarray, results: dict) -> tuple[np.ndarray, np.ndarray]:
        """Draw the factor and multiply."""
        size = keypoint.shape[-1] if self.anisotropic else 1
        factor = get_rng(results).uniform(*self.scale, size).astype(np.float32)
        pivot = pivot_of(keypoint, score, self.origin, results.get('img_shape'))
        return (keypoint - pivot) * factor + pivot, score


@TRANSFORMS.register_module()
class RandomShift(SkeletonTransform):
    """Shift a whole clip.

    Args:
        max_shift: Shifts are drawn evenly from [-max_shift, max_shift] for each axis, in the unit of the
            coordinates.
    """

    def __init__(self, max_shift: float = 0.1) -> None:
        self.max_shift = max_shift

    def apply(self, keypoint: np.ndarray, score: np.ndarray, results: dict) -> tuple[np.ndarray, np.ndarray]:
        """Draw the shift and add it."""
        shift = get_rng(results).uniform(-self.max_shift, self.max_shift, keypoint.shape[-1])
        return keypoint + shift.astype(np.float32), score


@TRANSFORMS.register_module()
class RandomMirror(SkeletonTransform):
    """Mirror x and swap left and right joints.

    Args:
        p: Probability.
        origin: Where the mirror stands: ``'zero'`` (normalized coordinates, bones), ``'screen'`` (pixels:
            x becomes W - x) or ``'box'``.
        layout: Layout where the clip names none.
    """

    def __init__(
        self, p: float = 0.5, origin: str = 'zero', layout: str | SkeletonLayout | None = None
    ) -> None:
        _check_probability(p)
        check_choice('origin', origin, _ORIGINS)
        self.p = p
        self.origin = origin
        self.layout = layout

    def apply(self, keypoint: np.ndarray, score: np.ndarray, results: dict) -> tuple[np.ndarray, np.ndarray]:
        """See :func:`mirror`."""
        order = list(read_layout(results, self.layout).flip_order)
        if get_rng(results).random() >= self.p:
            return keypoint, score
        pivot = pivot_of(keypoint, score, self.origin, results.get('img_shape'))
        return mirror(keypoint, order, pivot[0]), score[..., order]


@TRANSFORMS.register_module()
class JointDropout(SkeletonTransform):
    """Make joints missing at random.

    Args:
        p: Probability that a joint is dropped.
        per: ``'frame'`` draws for every joint of every frame, ``'clip'`` drops a joint of a person
            in all frames.
    """

    def __init__(self, p: float = 0.1, per: str = 'frame') -> None:
        _check_probability(p)
        check_choice('per', per, ('frame', 'clip'))
        self.p = p
        self.per = per

    def apply(self, keypoint: np.ndarray, score: np.ndarray, results: dict) -> tuple[np.ndarray, np.ndarray]:
        """Set the scores of the joints dropped to 0."""
        persons, frames, joints = score.shape
        drawn = get_rng(results).random((persons, frames if self.per == 'frame' else 1, joints))
        return keypoint, np.where(drawn < self.p, np.float32(0), score)


@TRANSFORMS.register_module()
class JointJitter(SkeletonTransform):
    """Add Gaussian noise to every joint of every frame, as a pose estimator does.

    Args:
        std: Standard deviation in the unit of the coordinates.
    """

    def __init__(self, std: float = 0.01) -> None:
        if std < 0:
            raise ValueError(f'std must not be negative, got {std}')
        self.std = std

    def apply(self, keypoint: np.ndarray, score: np.ndarray, results: dict) -> tuple[np.ndarray, np.ndarray]:
        """Draw the noise and add it."""
        noise = get_rng(results).standard_normal(keypoint.shape, dtype=np.float32)
        return keypoint + noise * np.float32(self.std), score


def _check_probability(p: float) -> None:
    if not 0 <= p <= 1:
        raise ValueError(f'p must be a probability, got {p}')
