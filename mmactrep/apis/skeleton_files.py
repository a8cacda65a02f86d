"""Skeleton files of other tools as tracks."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from mmactrep.errors import NoPersonError
from mmactrep.pose.estimator import PoseEstimator
from mmactrep.pose.experts.base import PoseExpert
from mmactrep.pose.experts.pose_files import read_poses
from mmactrep.structures import SkeletonLayout
from mmactrep.structures.poses import FramePoses

from .pose_inputs import PoseClip, extent_of

_BLOCK = 1024


class _ReadPoses(PoseExpert):
    """Poses by frame number, as an expert."""

    def __init__(self, name: str, layout: SkeletonLayout, frames: Mapping[int, FramePoses]) -> None:
        self.name = name
        self.layout = layout
        self._frames = frames
        self._nobody = FramePoses.empty(layout.num_joints)

    def predict(self, frames: Sequence[np.ndarray], first: int = 0) -> list[FramePoses]:
        return [self._frames.get(first + k, self._nobody) for k in range(len(frames))]


def read_skeleton_file(
    path: str | Path,
    layout: str | SkeletonLayout | None = None,
    img_shape: tuple[int, int] | None = None,
    options: Mapping | None = None,
) -> PoseClip:
    """Read a file or folder of 2D poses (see ``read_poses``) and link its persons over time.

    The tracks have the joints of the file. Frames count from the first that it names.

    Args:
        path: File or folder.
        layout: Layout of its joints, where it does not tell.
        img_shape: (H, W) of the picture. Default: the extent of the joints seen.
        options: Further arguments of ``PoseEstimator``.

    Raises:
        FileNotFoundError, BadFileError: If it is absent, truncated, foreign, or its layout is not clear.
        NoPersonError: If there is nobody in it.
    """
    begin = time.perf_counter()
    content = read_poses(path, layout)
    numbers = [number for number, poses in content.frames.items() if len(poses)]
    if not numbers:
        raise NoPersonError(f'{path}: nobody in it')
    first, last = min(content.frames), max(content.frames)
    frames = {number - first: poses for number, poses in content.frames.items()}
    read = time.perf_counter() - begin
    estimator = PoseEstimator(
        [_ReadPoses(Path(path).name, content.layout, frames)], layout=content.layout, **(options or {})
    )
    estimator.start(str(path))
    blank = np.zeros((0, 0, 3), np.uint8)  # the expert looks at numbers alone
    count = last - first + 1
    for start in range(0, count, _BLOCK):
        estimator.update([blank] * min(_BLOCK, count - start), start)
    tracks = estimator.finish()
    if not tracks:
        raise NoPersonError(f'{path}: nobody is in it for long enough')
    shape = img_shape or extent_of(
        np.concatenate([track.keypoint for track in tracks]),
        np.concatenate([track.score for track in tracks]),
    )
    seconds = dict(decode=read, aggregation=estimator.timings['aggregation'])
    return PoseClip(Path(path).name, tracks, content.layout, tuple(shape), count, seconds=seconds)
