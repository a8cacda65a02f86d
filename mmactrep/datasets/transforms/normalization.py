"""Normalization: the frame of reference of the coordinates."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.spatial.transform import Rotation

from mmactrep.registry import TRANSFORMS
from mmactrep.structures import SkeletonLayout

from .base import SkeletonTransform, check_choice, clip_name, linear_map, read_layout


def screen_normalize(keypoint: np.ndarray, img_shape: Sequence[float]) -> np.ndarray:
    """Pixels to units of half the image's width, with the origin at its center: x * 2 / W - [1, H / W].

    Args:
        keypoint: (..., 2) pixel coordinates.
        img_shape: (H, W) in pixels.

    Returns:
        (..., 2); x in [-1, 1] and y in [-H / W, H / W] for points within the image.
    """
    height, width = img_shape
    return keypoint * np.float32(2 / width) - np.array([1, height / width], np.float32)


def box_normalize(keypoint: np.ndarray, score: np.ndarray, side: str = 'max') -> np.ndarray:
    """Center and scale by the bounding box of all seen joints, the same for all axes.

    Args:
        keypoint: (..., V, C) coordinates.
        score: (..., V), 0 where a joint is missing.
        side: What becomes 2 long: ``'max'``, the longest side of the box, so that all coordinates lie in
            [-1, 1]; ``'height'``, its extent in y; ``'diagonal'``.

    Returns:
        (..., V, C). Where the side has no extent (a single point) coordinates are only centered.
    """
    check_choice('side', side, ('max', 'height', 'diagonal'))
    seen = keypoint[score > 0]
    if len(seen) == 0:
        return keypoint
    low, high = seen.min(axis=0), seen.max(axis=0)
    extent = high - low
    length = {'max': extent.max(), 'height': extent[1], 'diagonal': np.linalg.norm(extent)}[side]
    # A point, or points that differ only by rounding, must not be blown up.
    if length <= 1e-6 * max(1.0, np.abs(seen).max()):
        length = 2.0
    return (keypoint - (low + high) / 2) * np.float32(2 / length)


def rotation_between(source: np.ndarray, target: np.ndarray, half_turn_axis: Sequence[float]) -> np.ndarray:
    """Shortest rotation (3, 3) that turns the direction of one vector into another's.

    Args:
        source: (3,) vector.
        target: (3,) vector.
        half_turn_axis: Axis used when they point in opposite directions, where the shortest rotation is
            not unique.
    """
    source, target = np.asarray(source, np.float64), np.asarray(target, np.float64)
    if np.linalg.norm(source) < 1e-6 or np.linalg.norm(target) < 1e-6:
        return np.eye(3)
    axis = np.cross(source, target)
    angle = np.arctan2(np.linalg.norm(axis), source @ target)
    if np.linalg.norm(axis) < 1e-12:
        axis = np.asarray(half_turn_axis, np.float64)
    return Rotation.from_rotvec(axis / np.linalg.norm(axis) * angle).as_matrix()


def first_seen(score: np.ndarray, joints: Sequence[int]) -> tuple[int, int] | None:
    """First person, and first frame of it, in which all of some joints are seen.

    Args:
        score: (M, T, V), 0 where a joint is missing.
        joints: Indices of the joints.

    Returns:
        (person, frame), or None where there is none.
    """
    found = np.argwhere(np.all(score[:, :, list(joints)] > 0, axis=-1))
    return tuple(found[0].tolist()) if len(found) else None


def align_skeleton(
    keypoint: np.ndarray,
    score: np.ndarray,
    center: int,
    spine: tuple[int, int] | None,
    shoulders: tuple[int, int],
) -> np.ndarray:
    """Pre-normalization of NTU RGB+D of 2s-AGCN: center, spine to z, shoulders to x.

    The first frame of the first person in which the joints concerned are seen gives one translation and one
    rotation for all persons and frames.

    Args:
        keypoint: (M, T, V, 3) coordinates.
        score: (M, T, V), 0 where a joint is missing.
        center: Joint that becomes the origin.
        spine: (lower, upper) joint of the spine; the vector between them is turned to +z. None: the +y of
            the coordinates becomes +z, however the person leans.
        shoulders: (left, right) shoulder; then the vector between them is turned to +x, by the shortest
            rotation, as 2s-AGCN does: the spine deviates from z as far as shoulders and spine are not
            at right angles. Without a spine the turn is about z alone.

    Returns:
        (M, T, V, 3). Not turned to x (and to z, with a spine) if no frame shows all these joints; unchanged
        if none shows the center.
    """
    needed = (*(spine or ()), *shoulders)
    found = first_seen(score, (center, *needed)) or first_seen(score, (center,))
    if found is None:
        return keypoint
    reference, seen = keypoint[found], score[found] > 0
    rotation = np.eye(3) if spine else rotation_between([0, 1, 0], [0, 0, 1], half_turn_axis=[1, 0, 0])
    if seen[list(needed)].all():
        left, right = reference[list(shoulders)]
        if spine:
            bottom, top = reference[list(spine)]
            rotation = rotation_between(top - bottom, [0, 0, 1], half_turn_axis=[1, 0, 0])
        across = rotation @ (right - left)
        if not spine:
            across[2] = 0
        rotation = rotation_between(across, [1, 0, 0], [0, 0, 1]) @ rotation
    return linear_map(keypoint - reference[center], rotation)


def track_joint(keypoint: np.ndarray, score: np.ndarray, joint: int) -> np.ndarray:
    """Position of a joint in every frame, interpolated over the frames in which it is missing.

    Args:
        keypoint: (M, T, V, C) coordinates.
        score: (M, T, V), 0 where a joint is missing.
        joint: Index of the joint.

    Returns:
        (M, T, C). If a person's joint is never seen, the mean of the person's seen joints; 0 for an empty
        person.
    """
    track = keypoint[:, :, joint].copy()
    frames = np.arange(keypoint.shape[1])
    for person in range(len(keypoint)):
        seen = score[person, :, joint] > 0
        if seen.all():
            continue
        if seen.any():
            for channel in range(keypoint.shape[-1]):
                known = keypoint[person, seen, joint, channel]
                track[person, :, channel] = np.interp(frames, frames[seen], known)
        elif (score[person] > 0).any():
            track[person] = keypoint[person][score[person] > 0].mean(axis=0)
    return track


@TRANSFORMS.register_module()
class ScreenNormalize(SkeletonTransform):
    """Pixels to screen units: x in [0, W] to [-1, 1], the aspect ratio kept (see the design page).

    Required keys: ``keypoint`` (M, T, V, 2) in pixels, ``img_shape`` (H, W).
    """

    def apply(self, keypoint: np.ndarray, score: np.ndarray, results: dict) -> tuple[np.ndarray, np.ndarray]:
        """See :func:`screen_normalize`."""
        if keypoint.shape[-1] != 2:
            raise ValueError(
                f'{clip_name(results)}: ScreenNormalize takes 2D coordinates in pixels, found '
                f'{keypoint.shape[-1]} channels; use BoxNormalize or AlignSkeleton3D for 3D'
            )
        img_shape = results.get('img_shape')
        if img_shape is None or len(img_shape) != 2 or min(img_shape) <= 0:
            raise ValueError(
                f"{clip_name(results)}: ScreenNormalize needs 'img_shape' (H, W) of positive numbers, "
                f'found {img_shape}'
            )
        return screen_normalize(keypoint, img_shape), score


@TRANSFORMS.register_module()
class BoxNormalize(SkeletonTransform):
    """Center and scale a clip by its own bounding box over all seen joints, persons and frames.

    For 2D and 3D of any unit; movement through the scene is kept.

    Args:
        side: What becomes 2 long: ``'max'`` side of the box, ``'height'`` or ``'diagonal'``.
        per_person: Give each person a separate box, which loses their positions relative to each other.
    """

    def __init__(self, side: str = 'max', per_person: bool = False) -> None:
        check_choice('side', side, ('max', 'height', 'diagonal'))
        self.side = side
        self.per_person = per_person

    def apply(self, keypoint: np.ndarray, score: np.ndarray, results: dict) -> tuple[np.ndarray, np.ndarray]:
        """See :func:`box_normalize`."""
        if self.per_person:
            new = np.stack([box_normalize(k, s, self.side) for k, s in zip(keypoint, score)])
        else:
            new = box_normalize(keypoint, score, self.side)
        return new, score


@TRANSFORMS.register_module()
class AlignSkeleton3D(SkeletonTransform):
    """Pre-normalization of 3D skeletons as in 2s-AGCN for NTU RGB+D: center, spine to z, shoulders to x.

    Like mmaction2's ``PreNormalize3D``, but for any layout and number of persons, with missing joints left
    missing and no frame dropped. The vector from left to right shoulder becomes +x, as in 2s-AGCN's code.

    Args:
        center: Name of the joint that becomes the origin.
        spine: Names of the lower and upper joint of the spine. None: the +y of the coordinates becomes +z,
            and the skeleton is turned about it alone. This is for sensors that stand upright, where a clip
            may begin with a person who bends or sits.
        shoulders: Names of the left and right shoulder.
        layout: Layout where the clip names none.
    """

    def __init__(
        self,
        center: str = 'chest',
        spine: tuple[str, str] | None = ('mid_hip', 'chest'),
        shoulders: tuple[str, str] = ('left_shoulder', 'right_shoulder'),
        layout: str | SkeletonLayout | None = None,
    ) -> None:
        self.center = center
        self.spine = tuple(spine or ())
        self.shoulders = tuple(shoulders)
        self.layout = layout

    def apply(self, keypoint: np.ndarray, score: np.ndarray, results: dict) -> tuple[np.ndarray, np.ndarray]:
        """See :func:`align_skeleton`."""
        if keypoint.shape[-1] != 3:
            raise ValueError(
                f'{clip_name(results)}: AlignSkeleton3D takes 3D coordinates, found '
                f'{keypoint.shape[-1]} channels'
            )
        layout = read_layout(results, self.layout)
        lacking = [j for j in (self.center, *self.spine, *self.shoulders) if j not in layout]
        if lacking:
            raise ValueError(
                f'{clip_name(results)}: AlignSkeleton3D needs the joints {lacking}, which layout '
                f"'{layout.name}' lacks; name others or map the layout first (MapLayout)"
            )
        spine, shoulders = tuple(layout.indices(self.spine)) or None, tuple(layout.indices(self.shoulders))
        return align_skeleton(keypoint, score, layout.index(self.center), spine, shoulders), score


@TRANSFORMS.register_module()
class CenterSkeleton(SkeletonTransform):
    """Subtract a joint's position.

    Args:
        joint: Name of the joint. Default: the layout's center.
        per: ``'clip'`` subtracts the position in the first frame of the first person that shows it from
            everything; ``'frame'`` subtracts each person's own position frame by frame (interpolated where
            it is missing), which removes the movement through the scene.
        layout: Layout where the clip names none.
    """

    def __init__(
        self, joint: str | None = None, per: str = 'clip', layout: str | SkeletonLayout | None = None
    ) -> None:
        check_choice('per', per, ('clip', 'frame'))
        self.joint = joint
        self.per = per
        self.layout = layout

    def apply(self, keypoint: np.ndarray, score: np.ndarray, results: dict) -> tuple[np.ndarray, np.ndarray]:
        """See :func:`first_seen` and :func:`track_joint`."""
        layout = read_layout(results, self.layout)
        joint = layout.index(self.joint or layout.center)
        if self.per == 'frame':
            return keypoint - track_joint(keypoint, score, joint)[:, :, None], score
        found = first_seen(score, (joint,))
        return (keypoint if found is None else keypoint - keypoint[found][joint]), score
