"""Checks of a clip before it enters a store. Pure functions: they raise, or return what will be written."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable, Mapping

import numpy as np

from mmactrep.files import shown
from mmactrep.structures import SkeletonLayout, joint_scores

from . import format as fmt

#: Values beyond these are mistakes: no unit gives such coordinates, no camera such images or rates.
MAX_COORDINATE = 1e9
MAX_IMAGE_SIDE = 1 << 20
MAX_FPS = 1e6


def checked_poses(
    keypoint: np.ndarray,
    score: np.ndarray | None,
    layout: SkeletonLayout,
    num_channels: int,
    dtype: np.dtype,
    in_pixels: bool,
) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates (M, T, V, C) and scores (M, T, V) of a clip, both 0 where a joint is missing.

    A joint is missing where its score is 0 or all its coordinates are NaN; without scores, also where all its
    coordinates are 0. If these zeros could also be positions, because the rest of the person surrounds the
    origin (data centered on a joint), the clip is refused.

    Args:
        keypoint: (M, T, V, C) coordinates.
        score: (M, T, V) confidences.
        layout: Layout of the V joints.
        num_channels: C.
        dtype: Type in which the clip is stored.
        in_pixels: Whether the coordinates are pixels: then the origin is the corner of an image.

    Raises:
        ValueError: If the clip does not meet these conditions.
    """
    keypoint = _numbers(keypoint, 'keypoints')
    expected = f'(M, T, {layout.num_joints}, {num_channels})'
    if keypoint.ndim == 4 and keypoint.shape[2] != layout.num_joints:
        raise ValueError(
            f"layout '{layout.name}' has {layout.num_joints} joints, expected keypoints {expected}, "
            f'found {keypoint.shape}'
        )
    if keypoint.ndim != 4 or keypoint.shape[-1] != num_channels:
        raise ValueError(f'expected keypoints {expected}, found {keypoint.shape}')
    if keypoint.size == 0:
        raise ValueError(f'it is empty: keypoints {keypoint.shape}')
    if score is None:
        if not in_pixels:
            _check_zeros(keypoint, layout)
        nan = np.isnan(keypoint)
        _refuse_where(
            nan & ~nan.all(axis=-1, keepdims=True), keypoint, 'coordinates must be finite, or all NaN'
        )
        score = joint_scores(keypoint)
    else:
        score = _numbers(score, 'scores')
        if score.shape != keypoint.shape[:-1]:
            raise ValueError(f'expected scores {keypoint.shape[:-1]}, found {score.shape}')
        _refuse_where(~(score >= 0), score, 'scores must be 0 (a missing joint) or more')
        score = np.where(np.isnan(keypoint).all(axis=-1), 0, score)
    limit = min(MAX_COORDINATE, float(np.finfo(dtype).max))
    must = f'must be finite {dtype.name} and {limit:g} at most'
    seen = (score > 0)[..., None]
    _refuse_where(seen & ~(np.abs(keypoint) <= limit), keypoint, f'coordinates {must}')
    _refuse_where(~(score <= limit), score, f'scores {must}')
    if not seen.any():
        raise ValueError('no joint is seen in any frame: all are at 0, NaN or have score 0')
    least = np.finfo(dtype).tiny  # the score of a seen joint must not become 0 in a narrower type
    score = np.where(seen[..., 0], np.maximum(score, least), 0)
    return np.where(seen, keypoint, 0).astype(dtype), score.astype(dtype)


def without_zeros(keypoint: np.ndarray, score: np.ndarray) -> np.ndarray:
    """Coordinates for a store without scores, where 0 means missing: a joint seen at 0 moves minimally."""
    at_origin = (score > 0) & ~keypoint.any(axis=-1)
    if at_origin.any():
        keypoint = keypoint.copy()
        keypoint[at_origin, 0] = np.finfo(keypoint.dtype).tiny
    return keypoint


def _numbers(array: np.ndarray, what: str) -> np.ndarray:
    """An array of real numbers as floats, float64 at most; text, booleans and complex numbers are refused."""
    try:
        array = np.asarray(array)
    except (ValueError, TypeError) as error:
        raise ValueError(f'expected an array of {what}: {error}') from error
    if array.dtype.kind not in 'fiu':
        raise ValueError(f'expected {what} as numbers, found {array.dtype}')
    return array if array.dtype.kind == 'f' else array.astype(np.float64)


def _refuse_where(bad: np.ndarray, array: np.ndarray, must: str) -> None:
    if bad.any():
        place = tuple(int(i) for i in np.argwhere(bad)[0])
        raise ValueError(f'{must}, found {array[place]} at (person, frame, joint, ...) {place}')


def _check_zeros(keypoint: np.ndarray, layout: SkeletonLayout) -> None:
    """Refuse joints at 0 that may be missing or, in data centered on the body, really there."""
    zero = ~keypoint.any(axis=-1)  # NaN is not 0
    if not zero.any():
        return
    others = np.where(zero[..., None], np.nan, keypoint)
    low, high = np.fmin.reduce(others, axis=2), np.fmax.reduce(others, axis=2)
    surrounded = ((low <= 0) & (high >= 0)).all(axis=-1)[..., None] & zero
    if surrounded.any():
        person, frame, joint = (int(i) for i in np.argwhere(surrounded)[0])
        raise ValueError(
            f"joint '{layout.joints[joint]}' of person {person} is at 0 in frame {frame}, within the body: "
            'missing, or the center of the data? Give scores, or NaN for missing joints'
        )


def checked_label(label: int | str, classes: Mapping[str, int]) -> int:
    """Index of a class from its index or its name, or ``UNLABELLED``.

    Raises:
        ValueError: If there is no such class.
    """
    if isinstance(label, str):
        if label not in classes:
            raise ValueError(f'label {shown(label, 60)} is not one of the {len(classes)} classes')
        return classes[label]
    index = _whole(label, 'label')
    if index != fmt.UNLABELLED and not 0 <= index < len(classes):
        raise ValueError(f'label {index} is outside the {len(classes)} classes')
    return index


def checked_segments(
    segments: Iterable[tuple[int | str, int, int]], frames: int, classes: Mapping[str, int]
) -> list[list[int]]:
    """Segments (class, start, end), end exclusive, within the frames of a clip.

    Raises:
        ValueError: If a segment is invalid or outside the clip.
    """
    checked = []
    for segment in segments:
        try:
            label, start, end = segment
        except (TypeError, ValueError):
            raise ValueError(f'expected segments (class, start, end), found {shown(segment, 60)}') from None
        try:
            label = checked_label(label, classes)
            start, end = _whole(start, 'start'), _whole(end, 'end')
        except ValueError as error:
            raise ValueError(f'segment {shown(segment, 60)} does not fit: {error}') from error
        if label == fmt.UNLABELLED or not 0 <= start < end <= frames:
            raise ValueError(
                f'segment {(label, start, end)} does not fit {len(classes)} classes and {frames} frames'
            )
        checked.append([label, start, end])
    return checked


def checked_img_shape(img_shape: tuple[int, int] | None) -> tuple[int, int]:
    """(height, width) in pixels, (0, 0) for none.

    Raises:
        ValueError: If it is not an image size.
    """
    if img_shape is None:
        return 0, 0
    try:
        height, width = img_shape
    except (TypeError, ValueError):
        raise ValueError(f'expected img_shape as (height, width), found {shown(img_shape, 60)}') from None
    height, width = _whole(height, 'height'), _whole(width, 'width')
    if not (0 < height <= MAX_IMAGE_SIDE and 0 < width <= MAX_IMAGE_SIDE) and (height, width) != (0, 0):
        raise ValueError(
            f'expected img_shape (height, width) from 1 to {MAX_IMAGE_SIDE} pixels, or (0, 0) where there is '
            f'no image, found {(height, width)}'
        )
    return height, width


def checked_fps(fps: float | None) -> float:
    """Frames per second, 0 where unknown.

    Raises:
        ValueError: If it is not a frame rate.
    """
    if fps is None:
        return 0.0
    try:
        value = math.nan if isinstance(fps, (bool, np.bool_, str)) else float(fps)
    except (TypeError, ValueError, OverflowError):
        value = math.nan
    if not 0 <= value <= MAX_FPS:
        raise ValueError(
            f'expected frames per second from 0 (unknown) to {MAX_FPS:g}, found {shown(fps, 40)}'
        )
    return value


def _whole(value: object, what: str) -> int:
    """A whole number of any integer type; booleans and text are refused."""
    try:
        if isinstance(value, (bool, np.bool_)):
            raise TypeError
        number = operator.index(value)
    except TypeError:
        raise ValueError(
            f'{what}: expected a whole number, found {shown(value, 40)} ({type(value).__name__})'
        ) from None
    if abs(number) > 2**31:
        raise ValueError(f'{what}: expected a whole number of at most 32 bits')
    return number
