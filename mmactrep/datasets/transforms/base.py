"""What all skeleton transforms share: reading, masking and writing the annotation dictionary."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

import numpy as np
from mmcv.transforms import BaseTransform

from mmactrep.structures import SkeletonLayout, check_joint_count, get_layout, joint_scores


def clip_name(results: dict) -> str:
    """Name of a clip for messages."""
    return f"clip '{results.get('frame_dir', 'without a name')}'"


def read_skeleton(results: dict) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates (M, T, V, C) and scores (M, T, V) of a clip as float32.

    A missing joint (see :func:`~mmactrep.structures.seen_joints`) has score 0 and coordinates 0, also where
    NaN marked it. Where there are no scores they are computed and kept in ``results``, so that a joint that a
    transform moves to the origin does not become a missing one. The arrays may be views of a read-only memory
    map: never write into them.

    Raises:
        ValueError: If ``keypoint`` is absent, empty or not of four dimensions, or the scores do not
            fit it. The message names the clip.
    """
    if 'keypoint' not in results:
        raise ValueError(f"{clip_name(results)}: no 'keypoint' among {sorted(results)}")
    keypoint = np.asarray(results['keypoint'], dtype=np.float32)
    if keypoint.ndim != 4 or 0 in keypoint.shape:
        raise ValueError(
            f'{clip_name(results)}: keypoint must be (persons, frames, joints, channels) and not empty, '
            f'found {keypoint.shape}'
        )
    score = results.get('keypoint_score')
    score = joint_scores(keypoint) if score is None else np.asarray(score, dtype=np.float32)
    if score.shape != keypoint.shape[:-1]:
        raise ValueError(
            f'{clip_name(results)}: keypoint_score must be {keypoint.shape[:-1]}, found {score.shape}'
        )
    # One sum shows that no coordinate is NaN, in a fraction of the time of checking each.
    if np.isnan(keypoint.sum() + score.sum()):
        score = joint_scores(keypoint, score)
        keypoint = mask_missing(keypoint, score)
    results['keypoint_score'] = score
    return keypoint, score


def mask_missing(keypoint: np.ndarray, score: np.ndarray) -> np.ndarray:
    """Copy of the coordinates (..., V, C) with 0 where the score (..., V) is 0."""
    return np.where(score[..., None] > 0, keypoint, np.float32(0)).astype(np.float32, copy=False)


def read_layout(results: dict, layout: str | SkeletonLayout | None = None) -> SkeletonLayout:
    """Layout of a clip, checked against its joints.

    Args:
        results: Annotation dictionary of one clip.
        layout: Used where the dictionary has no ``layout``.

    Raises:
        ValueError: If there is no layout, or its number of joints differs from the clip's.
    """
    found = results.get('layout', layout)
    if found is None:
        raise ValueError(
            f"{clip_name(results)} has no 'layout'; name it in the data set or in the transform's argument"
        )
    found = get_layout(found)
    check_joint_count(results['keypoint'], found, clip_name(results))
    return found


def pivot_of(
    keypoint: np.ndarray, score: np.ndarray, origin: str, img_shape: Sequence[float] | None = None
) -> np.ndarray:
    """Fixed point (C,) of rotations, scalings and mirrors.

    Args:
        keypoint: Coordinates (..., V, C).
        score: Scores (..., V), 0 where missing.
        origin: ``'zero'``, the origin of the coordinates; ``'screen'``, the center of the image (pixel
            coordinates); ``'box'``, the middle of the bounding box of all seen joints.
        img_shape: (H, W), for ``'screen'``.
    """
    num_channels = keypoint.shape[-1]
    pivot = np.zeros(num_channels, np.float32)
    if origin == 'screen':
        if img_shape is None:
            raise ValueError("origin='screen' needs 'img_shape' (H, W)")
        pivot[:2] = img_shape[1] / 2, img_shape[0] / 2
    elif origin == 'box':
        seen = keypoint[score > 0]
        if len(seen):
            pivot = (seen.min(axis=0) + seen.max(axis=0)) / 2
    elif origin != 'zero':
        raise ValueError(f"origin must be 'zero', 'screen' or 'box', got {origin!r}")
    return pivot


def linear_map(keypoint: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Apply a matrix (C', C) to every joint (..., C)."""
    # One flat product: a stack of T small ones takes several times as long.
    flat = keypoint.reshape(-1, keypoint.shape[-1]) @ matrix.T.astype(np.float32)
    return flat.reshape(*keypoint.shape[:-1], len(matrix))


def check_choice(name: str, value: object, choices: Sequence) -> None:
    """Refuse an argument that is not one of ``choices``."""
    if value not in choices:
        raise ValueError(f'{name} must be one of {tuple(choices)}, got {value!r}')


class SkeletonTransform(BaseTransform):
    """Base of transforms of coordinates and scores.

    A subclass computes new arrays in :meth:`apply` and may ignore missing joints; they are reset to exactly
    0 here. It must not write into the arrays that it is given.

    Required keys: ``keypoint`` (M, T, V, C), optional ``keypoint_score`` (M, T, V).
    Modified keys: both, float32.
    """

    @abstractmethod
    def apply(self, keypoint: np.ndarray, score: np.ndarray, results: dict) -> tuple[np.ndarray, np.ndarray]:
        """New coordinates and scores from coordinates (M, T, V, C) and scores (M, T, V)."""

    def transform(self, results: dict) -> dict:
        """Replace ``keypoint`` and ``keypoint_score``."""
        keypoint, score = read_skeleton(results)
        new, new_score = self.apply(keypoint, score, results)
        if new is not keypoint or new_score is not score:
            new = mask_missing(new, new_score)
        results['keypoint'], results['keypoint_score'] = new, new_score
        return results

    def __repr__(self) -> str:
        arguments = ', '.join(f'{k}={v!r}' for k, v in vars(self).items() if not k.startswith('_'))
        return f'{type(self).__name__}({arguments})'
