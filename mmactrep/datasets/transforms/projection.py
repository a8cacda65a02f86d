"""3D skeletons as cameras see them: 2D clips for cross-view protocols."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from mmactrep.motion.cameras import project_from
from mmactrep.registry import TRANSFORMS
from mmactrep.structures import SkeletonLayout

from .base import SkeletonTransform, check_choice, clip_name, read_layout
from .random_state import get_rng

#: Signs that turn the axes of a data set into those of motion libraries: meters, y up, and a body that
#: faces the camera of yaw 0 looks to +z and has +x to its left.
AXES = {
    'sensor': np.array([-1, 1, -1], np.float32),  # Kinect: x to the sensor's left, y up, z away from it
    'library': np.array([1, 1, 1], np.float32),
}
_NEAREST = 0.25  # meters; nothing comes nearer to a sensor

Range = float | tuple[float, float]


def split_projection(steps: Sequence[Mapping]) -> tuple[list[Mapping], str | None]:
    """The part of a pipeline that takes skeletons as images show them, for inference on estimated poses.

    Args:
        steps: Configs of the transforms.

    Returns:
        The steps without projection and mapping of joints, and the layout that they then take; the
        steps as they are and None if nothing is projected.
    """
    projections = ('ProjectToCamera', 'ProjectToSensor')
    if not any(step['type'] in projections for step in steps):
        return list(steps), None
    target = next((step['target'] for step in steps if step['type'] == 'MapLayout'), None)
    return [step for step in steps if step['type'] not in (*projections, 'MapLayout')], target


def aim_of(keypoint: np.ndarray, score: np.ndarray, center: int) -> np.ndarray:
    """The point that a camera aims at: the mean of all persons' centers over the frames that show them.

    Args:
        keypoint: (M, T, V, 3).
        score: (M, T, V), 0 where a joint is missing.
        center: Index of a joint.

    Returns:
        (3,); the mean of all seen joints if that joint is never seen, 0 for an empty clip.
    """
    for points, seen in ((keypoint[:, :, center], score[:, :, center] > 0), (keypoint, score > 0)):
        if seen.any():
            return points[seen].mean(axis=0)
    return np.zeros(3, np.float32)


def pinhole(keypoint: np.ndarray) -> np.ndarray:
    """Image of the sensor's own camera: (right, down) = -(x, y) / z.

    Args:
        keypoint: (..., 3) meters, x to the sensor's left, y up, z away from it.

    Returns:
        (..., 2), in focal lengths.
    """
    return -keypoint[..., :2] / np.maximum(keypoint[..., 2:], np.float32(_NEAREST))


def _check_3d(keypoint: np.ndarray, results: dict, name: str) -> None:
    if keypoint.shape[-1] != 3:
        raise ValueError(
            f'{clip_name(results)}: {name} takes 3D coordinates, found {keypoint.shape[-1]} channels'
        )


@TRANSFORMS.register_module()
class ProjectToSensor(SkeletonTransform):
    """3D skeletons as the depth sensor's own camera saw them: a pinhole at the origin, see :func:`pinhole`.

    The axes must be Kinect's, those of a store from UTD-MHAD, UTKinect or Northwestern-UCLA.

    Modified keys: ``keypoint``, (M, T, V, 2).
    """

    def apply(self, keypoint: np.ndarray, score: np.ndarray, results: dict) -> tuple[np.ndarray, np.ndarray]:
        """See :func:`pinhole`."""
        _check_3d(keypoint, results, 'ProjectToSensor')
        return pinhole(keypoint), score


@TRANSFORMS.register_module()
class ProjectToCamera(SkeletonTransform):
    """3D skeletons as a camera beside the sensor saw them.

    Every camera stands still and aims at the mean of the persons' hip centers over the clip. In training each
    clip is seen by a camera of the list drawn anew in every epoch. In test mode sample i is seen by camera
    i mod n, so with ``repeat_each=n`` of the data set every clip is seen once by each of the n cameras; its
    name ``frame_dir`` then gets the number of one of several cameras, ``clip@3``. What lies within a range
    is drawn too, in test mode always the same.

    Modified keys: ``keypoint``, (M, T, V, dims), right and down in meters at the distance of the aim, and the
    depth behind it; ``frame_dir`` in test mode. Added key: ``camera``, a dictionary of the camera's number
    and angles.

    Args:
        cameras: Dictionaries of ``yaw``, ``pitch``, ``roll`` (degrees, 0 where not given) and ``distance``
            (meters; parallel projection where not given), each a number or a range (low, high). ``yaw`` is
            where the camera stands: 0 where the sensor does (before a body that faces +z in a library), 90 to
            the left of a person who faces it, 180 behind; ``pitch`` is how far above the horizon.
        axes: ``'sensor'``: x to the sensor's left, y up, z away from it, as Kinect has them; ``'library'``:
            y up, and a body facing +z has +x to its left.
        dims: 2 for images, 3 for coordinates of the camera, which are those of 3D motion libraries.
        layout: Layout where the clip names none.
    """

    def __init__(
        self,
        cameras: Sequence[Mapping[str, Range]],
        axes: str = 'sensor',
        dims: int = 2,
        layout: str | SkeletonLayout | None = None,
    ) -> None:
        check_choice('axes', axes, tuple(AXES))
        if isinstance(cameras, Mapping) or not cameras:
            raise ValueError('cameras must be a list of one or more dictionaries')
        self.cameras = [_check_camera(camera) for camera in cameras]
        self.axes = axes
        check_choice('dims', dims, (2, 3))
        self.dims = dims
        self.layout = layout

    def apply(self, keypoint: np.ndarray, score: np.ndarray, results: dict) -> tuple[np.ndarray, np.ndarray]:
        """See :func:`~mmactrep.motion.cameras.project_from`."""
        _check_3d(keypoint, results, 'ProjectToCamera')
        rng = get_rng(results)
        if results.get('test_mode'):
            number = results['sample_idx'] % len(self.cameras)
            if len(self.cameras) > 1:
                results['frame_dir'] = f'{results.get("frame_dir", results["sample_idx"])}@{number}'
        else:
            number = int(rng.integers(len(self.cameras)))
        camera = {name: _draw(value, rng) for name, value in self.cameras[number].items()}
        results['camera'] = dict(number=number, **camera)
        positions = keypoint * AXES[self.axes]
        layout = read_layout(results, self.layout)
        # not the root, which is the head in some layouts: the view must not change with the layout
        center = layout.index('mid_hip') if 'mid_hip' in layout else layout.root
        aim = aim_of(positions, score, center)
        return project_from(positions, aim, **camera, dims=self.dims), score


def _check_camera(camera: Mapping[str, Range]) -> dict[str, Range | None]:
    known = dict(yaw=0.0, pitch=0.0, roll=0.0, distance=None)
    unknown = sorted(set(camera) - set(known))
    if unknown:
        raise ValueError(f'a camera has {sorted(known)}, found {unknown}')
    camera = known | dict(camera)
    for name, value in camera.items():
        ends = value if isinstance(value, (tuple, list)) else (value, value)
        if len(ends) != 2 or (None not in ends and not ends[0] <= ends[1]):
            raise ValueError(f'{name} of a camera must be a number or a range (low, high), found {value}')
        if name == 'distance' and value is not None and not ends[0] > 0:
            raise ValueError(f'distance of a camera must be above 0, found {value}')
    return {name: tuple(v) if isinstance(v, (tuple, list)) else v for name, v in camera.items()}


def _draw(value: Range | None, rng: np.random.Generator) -> float | None:
    return float(rng.uniform(*value)) if isinstance(value, tuple) else value
