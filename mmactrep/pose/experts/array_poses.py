"""Poses in NPZ and NPY files: the meaning of each axis, and whether a third column is a score."""

from __future__ import annotations

import os
from collections.abc import Mapping

import numpy as np

from mmactrep.files import BadFileError
from mmactrep.structures import SkeletonLayout, get_layout, list_layouts, seen_joints

from .pose_formats import PoseFile, collect, with_score

# mmaction2 defines the order of axes under the first name; the others are also in use.
_NAMED = 'keypoint'
_ARRAY_KEYS = (_NAMED, 'keypoints', 'kpts', 'poses', 'pose')
_SCORE_KEYS = ('keypoint_score', 'keypoint_scores', 'scores', 'score')
# Heat maps and SimCC sometimes exceed 1. In an array, a third column with more than this is a depth.
_MAX_THIRD = 2.0
# Minimum correlation (over the joints) between the coordinates of two persons, and its minimum lead over that
# of the other order of axes.
_ALIKE, _CLEARER = 0.5, 0.3
_ORDER = (
    'expected poses (T, V, 2 or 3) or (M, T, V, 2 or 3): persons, frames, joints, x and y and perhaps a score'
)


def parse_arrays(
    arrays: Mapping[str, np.ndarray], layout: SkeletonLayout | None = None, path: str | os.PathLike = ''
) -> PoseFile:
    """Poses (T, V, 2 or 3) or (M, T, V, 2 or 3), x, y and perhaps a score; scores (T, V) or (M, T, V).

    Args:
        arrays: Arrays by name: poses under ``keypoint``, ``keypoints``, ``kpts``, ``poses`` or ``pose``, or
            as the only one; scores, if any, under ``keypoint_score``, ``scores`` or ``score``; ``layout`` may
            hold the layout's name.
        layout: Layout of the joints. Default: the one that the file names, or the only built-in one with that
            many joints.
        path: For messages.

    Raises:
        BadFileError: If the axes are in another order, or could be; a third column is not a score; or as
            :func:`read_poses`.
    """
    scores = next((arrays[key] for key in _SCORE_KEYS if key in arrays), None)
    named = arrays.get('layout')
    others = [name for name in arrays if name not in (*_SCORE_KEYS, 'layout')]
    key = next((key for key in _ARRAY_KEYS if key in arrays), others[0] if len(others) == 1 else None)
    if key is None:
        names = ', '.join(name[:40] for name in list(arrays)[:8]) or 'nothing'
        raise BadFileError(f'{path}: expected an array named {", ".join(_ARRAY_KEYS)}, found {names}')
    poses = _check_order(arrays[key], key, path)
    if scores is not None:
        scores = _real(scores, 'scores', path)
        scores = scores[None] if scores.ndim == 2 else scores
        if scores.shape != poses.shape[:3]:
            raise BadFileError(f'{path}: expected scores {poses.shape[:3]}, found {scores.shape}')
        if poses.shape[-1] == 3:
            raise BadFileError(f'{path}: expected 2D poses with their scores, found {poses.shape}: 3D?')
        poses = np.concatenate([poses, scores[..., None]], axis=-1, dtype=np.float64)
    elif poses.shape[-1] == 3:
        _check_third(poses, path)
    if layout is None and named is not None and named.dtype.kind == 'U' and named.ndim == 0:
        layout = get_layout(str(named))
    layout = _layout_with(poses.shape, path) if layout is None else layout
    if poses.shape[2] != layout.num_joints:
        raise BadFileError(
            f"{path}: layout '{layout.name}' has {layout.num_joints} joints, found {poses.shape[2]} "
            f'in an array {arrays[key].shape}; {_ORDER}'
        )
    poses = with_score(poses)
    there = (poses != 0).any(axis=(2, 3)).T
    rows = [(int(frame), poses[person, frame]) for frame, person in zip(*np.nonzero(there))]
    return collect(rows, layout, path)


def _real(array: np.ndarray, what: str, path: str | os.PathLike) -> np.ndarray:
    if array.dtype.kind not in 'iuf':
        raise BadFileError(f'{path}: expected numbers as {what}, found {array.dtype}')
    return array


def _check_order(poses: np.ndarray, key: str, path: str | os.PathLike) -> np.ndarray:
    """Poses as (M, T, V, 2 or 3)."""
    shape = poses.shape
    _real(poses, f"'{key}'", path)
    if poses.ndim == 5 and shape[1] in (2, 3):
        raise BadFileError(f"{path}: {_ORDER}; found '{key}' {shape}: the (N, C, T, V, M) of many clips?")
    if 0 in shape:
        raise BadFileError(f"{path}: {_ORDER}; found '{key}' {shape}, which is empty")
    if poses.ndim == 3 and shape[-1] in (2, 3):
        return poses[None]
    if poses.ndim == 3 and shape[0] in (2, 3):
        hint = f': (C, T, V)? np.transpose({key}, (1, 2, 0)) makes it right'
    elif _could_be_channels_first(shape) and (shape[-1] not in (2, 3) or _is_channels_first(poses, key)):
        hint = f': (C, T, V, M)? np.transpose({key}, (3, 1, 2, 0)) makes it right'
    elif poses.ndim == 4 and shape[-1] in (2, 3):
        if key != _NAMED and shape[0] > shape[1]:
            hint = f': {shape[0]} persons in {shape[1]} frames? '
            hint += f'If it is (T, M, V, C), np.transpose({key}, (1, 0, 2, 3)) makes it right'
        elif _could_be_channels_first(shape) and _is_channels_first(poses, key) is None:
            hint = ', which could be (C, T, V, M) as well: save it with '
            hint += 'np.savez(FILE, keypoint=...), whose order is (M, T, V, C)'
        else:
            return poses
    else:
        hint = ''
    raise BadFileError(f"{path}: {_ORDER}; found '{key}' {shape}{hint}")


def _could_be_channels_first(shape: tuple[int, ...]) -> bool:
    return len(shape) == 4 and shape[0] in (2, 3)


def _is_channels_first(poses: np.ndarray, key: str) -> bool | None:
    """Whether an array, (M, T, V, C) or (C, T, V, M), is the latter; None if that is not clear.

    A missing joint or absent person is zero in all coordinates: along the last axis in one order, along the
    first in the other. Otherwise the bodies decide: y of any two persons rises from head to feet, while x and
    y of one person have little in common.
    """
    if key == _NAMED:
        return False
    empty = ~seen_joints(poses[..., None])
    last = (empty.all(axis=-1) == empty.any(axis=-1)).all()
    first = (empty.all(axis=0) == empty.any(axis=0)).all()
    if last != first:
        return bool(first)
    # poses[i, ..., j]: [1, 1] is y of the second person either way. Is [0, 1] the y of the first, or [1, 0]?
    second = poses[1, ..., 1].astype(np.float64)
    as_persons = _likeness(poses[0, ..., 1], second)
    as_channels = _likeness(poses[1, ..., 0], second)
    if abs(as_persons - as_channels) < _CLEARER or max(as_persons, as_channels) < _ALIKE:
        return None
    return as_channels > as_persons


def _likeness(one: np.ndarray, other: np.ndarray) -> float:
    """Mean over the frames of the correlation, over the joints, of two coordinates (T, V)."""
    one, other = (np.nan_to_num(part - np.mean(part, axis=1, keepdims=True)) for part in (one, other))
    norm = np.sqrt((one**2).sum(axis=1) * (other**2).sum(axis=1))
    good = norm > 0
    return float(((one * other).sum(axis=1)[good] / norm[good]).mean()) if good.any() else 0.0


def _check_third(poses: np.ndarray, path: str | os.PathLike) -> None:
    """Refuse a third column that is not a score."""
    third = poses[..., 2][seen_joints(poses[..., :2])]
    if len(third) and not (third.min() >= 0 and third.max() <= _MAX_THIRD):
        raise BadFileError(
            f'{path}: expected x, y and a score from 0 to 1, found a third number from {third.min():.6g} to '
            f'{third.max():.6g}: 3D poses? For 2D keep x and y alone, poses[..., :2]'
        )


def _layout_with(shape: tuple[int, ...], path: str | os.PathLike) -> SkeletonLayout:
    """The only built-in layout with as many joints as poses (M, T, V, C) have."""
    joints = shape[2]
    fitting = [name for name in list_layouts() if get_layout(name).num_joints == joints]
    if len(fitting) > 1:
        raise BadFileError(f'{path}: {joints} joints fit {", ".join(fitting)}; name the layout')
    if not fitting:
        raise BadFileError(f'{path}: no layout has {joints} joints; name the layout, or {_ORDER}')
    return get_layout(fitting[0])
