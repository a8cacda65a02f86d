"""Poses that were found before, as an expert."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mmactrep.registry import POSE_EXPERTS
from mmactrep.structures import SkeletonLayout, get_layout
from mmactrep.structures.poses import FramePoses

from .base import PoseExpert
from .pose_files import read_pose_file


@POSE_EXPERTS.register_module()
class PrecomputedExpert(PoseExpert):
    """Reads the persons of each frame from a file; the frames themselves are not looked at.

    Args:
        path: A file or folder that :func:`read_pose_file` reads. With ``{stem}`` or ``{name}`` in it, a
            file for each video: they stand for the video's file name without and with its suffix.
        layout: Layout of the joints. Default: told by the file; needed if there is one for each video.
        first_frame: Number that the file gives the first frame of the video.
        min_score: A joint with a lower score is missing.
        name: Shown in tables and pictures. Default: the file's name.

    Raises:
        FileNotFoundError, BadClipError: If the file is absent, bad or its layout is not clear; of a file
            for each video, on :meth:`start`.
        ValueError: If the layout is needed and not given.
    """

    def __init__(
        self,
        path: str | Path,
        layout: str | SkeletonLayout | None = None,
        first_frame: int = 0,
        min_score: float = 0.0,
        name: str | None = None,
    ) -> None:
        self._path, self._first, self._min_score = str(path), first_frame, min_score
        self._given = None if layout is None else get_layout(layout)
        self._per_video = '{stem}' in self._path or '{name}' in self._path
        self.name = name or Path(self._path).stem
        self._frames = {}
        if not self._per_video:
            self._read(self._path)
        elif self._given is None:
            raise ValueError(f'{path}: a file for each video needs the layout to be given')
        else:
            self.layout = self._given

    def start(self, source: str | None = None) -> None:
        if not self._per_video:
            return
        if source is None:
            raise ValueError(f'{self._path}: stands for a file of each video, and this input has no name')
        name = Path(source)
        self._read(self._path.replace('{stem}', name.stem).replace('{name}', name.name))

    def predict(self, frames: Sequence[np.ndarray], first: int = 0) -> list[FramePoses]:
        start, empty = first + self._first, FramePoses.empty(self.layout.num_joints)
        return [self._frames.get(number, empty) for number in range(start, start + len(frames))]

    def _read(self, path: str) -> None:
        content = read_pose_file(path, self._given)
        self.layout = content.layout
        self._frames = {frame: self._sure(poses) for frame, poses in content.frames.items()}

    def _sure(self, poses: FramePoses) -> FramePoses:
        if self._min_score <= 0:
            return poses
        score = np.where(poses.score >= self._min_score, poses.score, 0)
        seen = np.flatnonzero((score > 0).any(axis=-1))
        return FramePoses(poses.keypoint[seen], score[seen])
