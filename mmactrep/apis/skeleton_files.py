"""Skeleton files of other tools as tracks."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from mmactrep.arguments import printable
from mmactrep.errors import NoPersonError
from mmactrep.pose.estimator import PoseEstimator
from mmactrep.pose.experts.base import PoseExpert
from mmactrep.pose.experts.pose_files import read_poses
from mmactrep.pose.experts.precomputed import joints_outside, note_on_outside
from mmactrep.structures import SkeletonLayout
from mmactrep.structures.poses import FramePoses

from .pose_clip import PoseClip, extent_of

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

    The tracks have the joints of the file. Frames count from the first one in it. Gaps between frames take no
    time, however long they are.

    Args:
        path: File or folder.
        layout: Layout of its joints, if the file does not determine it.
        img_shape: (H, W) of the picture. Default: as in the file, else the extent of the joints seen.
        options: Further arguments of ``PoseEstimator``.

    Raises:
        FileNotFoundError: If it is absent.
        BadFileError: If it is truncated, foreign, or its layout is not clear.
        NoPersonError: If nobody is in it, or not for long enough.
    """
    begin = time.perf_counter()
    content = read_poses(path, layout)
    if not content.frames:
        raise NoPersonError(f'{path}: nobody in it')
    first = min(content.frames)
    frames = {number - first: poses for number, poses in content.frames.items()}
    read = time.perf_counter() - begin
    name = printable(Path(path).name)
    expert = _ReadPoses(name, content.layout, frames)
    estimator = PoseEstimator([expert], layout=content.layout, **(options or {}))
    estimator.start(str(path))
    blank = np.zeros((0, 0, 3), np.uint8)  # the expert looks only at frame numbers
    for start, end in runs_of(frames):
        estimator.update([blank] * (end - start), start)
    # A file is a single expert: there are no votes to count.
    tracks = [replace(track, votes=None) for track in estimator.finish()]
    if not tracks:
        raise NoPersonError(f'{path}: nobody is in it for long enough')
    shape, notes = img_shape or content.img_shape, list(content.notes)
    if shape is None:
        shape = extent_of(
            np.concatenate([track.keypoint for track in tracks]),
            np.concatenate([track.score for track in tracks]),
        )
    else:
        outside, seen = np.sum([joints_outside(poses, shape) for poses in frames.values()], axis=0)
        notes += [note_on_outside(int(outside), int(seen), shape)] if outside else []
    return PoseClip(
        name,
        tracks,
        content.layout,
        tuple(shape),
        max(frames) + 1,
        seconds=dict(decode=read, aggregation=estimator.timings['aggregation']),
        notes=notes,
    )


def runs_of(frames: Mapping[int, FramePoses]) -> Iterator[tuple[int, int]]:
    """(start, end) of blocks that cover all of the frames, each run of them followed by one empty frame.

    The empty frame tells a tracker that persons were lost, as every empty frame of a gap would.
    """
    numbers = np.array(sorted({number + k for number in frames for k in (0, 1)}), np.int64)[:-1]
    borders = np.flatnonzero(np.diff(numbers) > 1) + 1
    for run in np.split(numbers, borders):
        for start in range(0, len(run), _BLOCK):
            part = run[start : start + _BLOCK]
            yield int(part[0]), int(part[-1]) + 1
