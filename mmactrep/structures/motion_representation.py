"""Motion as the motion autoencoders see it, and the conversion in both directions.

A skeleton sequence has two forms. Encoders and drawing need *coordinates* (T, V, C): where every joint is
on the screen or in the room. Generators need *motion* (V·C, T): where every joint is relative to the root,
and how the root moves. This module is the only place where the two are converted; its functions accept
both numpy arrays and torch tensors and can be differentiated through.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from types import ModuleType
from typing import TypeVar

import numpy as np
import torch

from mmactrep.structures import SkeletonLayout, get_layout

Array = TypeVar('Array', np.ndarray, torch.Tensor)

_ROOT = 'mid_hip'


def motion_root(layout: str | SkeletonLayout) -> int:
    """Joint on which motion is centered: the mid-hip, or the center of a layout that has none."""
    layout = get_layout(layout)
    return layout.index(_ROOT if _ROOT in layout else layout.center)


def motion_channels(layout: str | SkeletonLayout, dims: int) -> int:
    """Channels V·C of a motion: 30 for Motion15 in 2D."""
    return get_layout(layout).num_joints * dims


def to_motion(keypoint: Array, layout: str | SkeletonLayout, scale: float = 1.0) -> Array:
    """Root-centered motion of coordinates.

    The channels are, joint by joint, the coordinates of all joints but the root, relative to it, in the
    order of the layout; then the root's velocity, ``p(t) - p(t - 1)``. The first frame has no
    predecessor and repeats the velocity of the second. For Motion15 in 2D these are the 30 input channels
    of LAC's autoencoder (thesis, 4.3.1).

    Missing joints are not allowed here: fill them first, see :func:`fill_missing`.

    Args:
        keypoint: (..., T, V, C) coordinates.
        layout: The skeleton's layout; the root is :func:`motion_root`.
        scale: Units of motion per unit of the coordinates, for example 320 from screen coordinates in
            [-1, 1] to pixels of an image 640 wide.

    Returns:
        (..., V·C, T), of the kind and type of ``keypoint``.

    Raises:
        ValueError: If the array does not have the layout's joints, or has no frame.
    """
    layout = get_layout(layout)
    if keypoint.ndim < 3 or keypoint.shape[-2] != layout.num_joints or keypoint.shape[-3] == 0:
        raise ValueError(
            f"expected coordinates (..., T, {layout.num_joints}, C) of layout '{layout.name}' with at least "
            f'one frame, found {tuple(keypoint.shape)}'
        )
    xp = _namespace(keypoint)
    root = motion_root(layout)
    path = keypoint[..., root, :]
    relative = keypoint[..., _others(layout, root), :] - path[..., None, :]
    step = path[..., 1:, :] - path[..., :-1, :]
    first = step[..., :1, :] if step.shape[-2] else xp.zeros_like(path)
    velocity = xp.concatenate([first, step], axis=-2)
    motion = xp.concatenate([relative, velocity[..., None, :]], axis=-2)
    return motion.reshape(*motion.shape[:-2], -1).swapaxes(-1, -2) * scale


def from_motion(
    motion: Array, layout: str | SkeletonLayout, start: Array | None = None, scale: float = 1.0
) -> Array:
    """Coordinates of a root-centered motion: the inverse of :func:`to_motion`.

    Args:
        motion: (..., V·C, T), not standardized.
        layout: The skeleton's layout.
        start: (..., C) position of the root in the first frame, in units of the coordinates. Default: the
            origin.
        scale: As given to :func:`to_motion`.

    Returns:
        (..., T, V, C). The velocity of the first frame is not used.

    Raises:
        ValueError: If the number of channels is not a multiple of the layout's joints.
    """
    layout = get_layout(layout)
    joints = layout.num_joints
    if motion.ndim < 2 or motion.shape[-2] % joints or motion.shape[-2] == 0:
        raise ValueError(
            f"expected a motion (..., {joints}·C, T) of layout '{layout.name}', found {tuple(motion.shape)}"
        )
    xp = _namespace(motion)
    motion = motion.swapaxes(-1, -2) / scale
    motion = motion.reshape(*motion.shape[:-1], joints, -1)
    steps = motion[..., 1:, joints - 1, :]
    path = xp.concatenate([xp.zeros_like(motion[..., :1, 0, :]), xp.cumsum(steps, axis=-2)], axis=-2)
    if start is not None:
        path = path + start[..., None, :]
    root = motion_root(layout)
    parts = [motion[..., :root, :], xp.zeros_like(motion[..., :1, :]), motion[..., root : joints - 1, :]]
    return xp.concatenate(parts, axis=-2) + path[..., None, :]


def fill_missing(keypoint: np.ndarray, score: np.ndarray, layout: str | SkeletonLayout) -> np.ndarray:
    """Fill in missing joints, so that motion can be computed.

    A joint that is missing for a while is interpolated linearly between where it was last seen and where it
    is seen next; before it is first and after it is last seen it stays in place. A joint that is never seen
    is put on the root; if the root is never seen either, on the mean of the joints that are.

    Args:
        keypoint: (..., T, V, C) coordinates.
        score: (..., T, V) confidences, 0 where a joint is missing.
        layout: The skeleton's layout.

    Returns:
        (..., T, V, C) a copy. A sequence in which no joint is seen stays as it is.

    Raises:
        ValueError: If the shapes do not agree with each other or with the layout.
    """
    layout = get_layout(layout)
    if keypoint.shape[:-1] != score.shape or keypoint.ndim < 3 or score.shape[-1] != layout.num_joints:
        raise ValueError(
            f"expected coordinates (..., T, {layout.num_joints}, C) of layout '{layout.name}' and scores of "
            f'these, found {keypoint.shape} and {score.shape}'
        )
    seen = np.asarray(score) > 0
    if seen.all():
        return keypoint.copy()
    frames = keypoint.shape[-3]
    time = np.arange(frames).reshape(-1, 1)
    before = np.maximum.accumulate(np.where(seen, time, -1), axis=-2)
    after = np.flip(np.minimum.accumulate(np.flip(np.where(seen, time, frames), -2), axis=-2), -2)
    ever = seen.any(axis=-2, keepdims=True)
    left = np.where(before < 0, after, before).clip(0, frames - 1)
    right = np.where(after >= frames, before, after).clip(0, frames - 1)
    weight = (time - left) / np.maximum(right - left, 1)
    start, end = (np.take_along_axis(keypoint, index[..., None], axis=-3) for index in (left, right))
    filled = np.where(seen[..., None], keypoint, start + (end - start) * weight[..., None])

    root = motion_root(layout)
    count = np.maximum(ever.sum(axis=-1, keepdims=True), 1)[..., None]
    middle = np.where(ever[..., None], filled, 0).sum(axis=-2, keepdims=True) / count
    anchor = np.where(ever[..., root, None, None], filled[..., root, None, :], middle)
    anything = ever.any(axis=-1, keepdims=True)[..., None]
    filled = np.where(ever[..., None], filled, np.where(anything, anchor, keypoint))
    return filled.astype(keypoint.dtype)


@dataclass(frozen=True, eq=False)
class MotionStatistics:
    """Mean and standard deviation of every motion channel, computed once over a training set.

    They belong to the weights: a model keeps them as buffers and builds this object from them, from tensors
    as well as from arrays.

    Args:
        mean: (V·C,).
        std: (V·C,), positive.

    Raises:
        ValueError: If the two are not vectors of the same length.
    """

    mean: np.ndarray | torch.Tensor
    std: np.ndarray | torch.Tensor

    def __post_init__(self) -> None:
        if self.mean.ndim != 1 or self.mean.shape != self.std.shape:
            raise ValueError(
                'mean and deviation must be vectors with one number per channel, found shapes '
                f'{tuple(self.mean.shape)} and {tuple(self.std.shape)}'
            )

    @classmethod
    def of(cls, motions: Iterable[np.ndarray], floor: float = 0.05) -> MotionStatistics:
        """Statistics over all motions (..., V·C, T) of an iterable, read one at a time, float32.

        Channels that hardly change, such as the height of the hips relative to their middle, would be blown
        up by the division, and a person who tilts them in a real video would be far out of range: so no
        deviation is less than ``floor`` times the root mean square of all. Where nothing changes, it is 1.

        Args:
            motions: The motions.
            floor: Lowest deviation as a share of the root mean square deviation; 0 for no limit.

        Raises:
            ValueError: If there is no motion, or one differs from the first in its number of channels.
        """
        count, total, squares, shift = 0, 0.0, 0.0, 0.0
        for motion in motions:
            values = np.moveaxis(np.asarray(motion, np.float64), -2, 0)
            values = values.reshape(len(values), -1)
            if count == 0:
                shift = values.mean(axis=1)  # avoids cancellation in the squares
            elif len(values) != len(shift):
                raise ValueError(f'a motion has {len(values)} channels, those before it {len(shift)}')
            centered = values - shift[:, None]
            count += values.shape[1]
            total = total + centered.sum(axis=1)
            squares = squares + (centered**2).sum(axis=1)
        if count == 0:
            raise ValueError('no motion to compute mean and deviation of')
        mean = total / count
        std = np.sqrt(np.maximum(squares / count - mean**2, 0))
        std = np.maximum(std, floor * np.sqrt((std**2).mean()))
        std = np.where(std > 1e-6 * max(float(std.max()), 1e-12), std, 1.0)
        return cls((mean + shift).astype(np.float32), std.astype(np.float32))

    def standardize(self, motion: Array) -> Array:
        """Mean 0 and deviation 1 per channel, for a motion (..., V·C, T)."""
        mean, std = self._like(motion)
        return (motion - mean) / std

    def restore(self, motion: Array) -> Array:
        """Inverse of :meth:`standardize`."""
        mean, std = self._like(motion)
        return motion * std + mean

    def _like(self, motion: Array) -> tuple[Array, Array]:
        if motion.ndim < 2 or motion.shape[-2] != len(self.mean):
            raise ValueError(f'expected a motion (..., {len(self.mean)}, T), found {tuple(motion.shape)}')
        if isinstance(motion, torch.Tensor):
            return tuple(
                torch.as_tensor(x, dtype=motion.dtype, device=motion.device)[:, None]
                for x in (self.mean, self.std)
            )
        return tuple(np.asarray(x, motion.dtype)[:, None] for x in (self.mean, self.std))


def _others(layout: SkeletonLayout, root: int) -> list[int]:
    return [joint for joint in range(layout.num_joints) if joint != root]


def _namespace(array: Array) -> ModuleType:
    return torch if isinstance(array, torch.Tensor) else np
