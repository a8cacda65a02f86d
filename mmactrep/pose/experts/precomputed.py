"""Precomputed poses as an expert."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mmactrep.arguments import printable
from mmactrep.errors import InferenceError
from mmactrep.registry import POSE_EXPERTS
from mmactrep.store.layout_source import find_layout
from mmactrep.structures import SkeletonLayout
from mmactrep.structures.poses import FramePoses

from .base import PoseExpert
from .pose_files import PLACEHOLDERS, path_of_video, read_poses


@POSE_EXPERTS.register_module()
class PrecomputedExpert(PoseExpert):
    """Reads the persons of each frame from a file; of the frames themselves it uses only the size.

    Args:
        path: A file or folder that :func:`read_poses` reads, with the poses of one video. With ``{stem}`` or
            ``{name}`` in it, one file per video: they stand for the video's file name without and with its
            suffix.
        layout: Layout of the joints. Default: the file's own.
        first_frame: Number of the video's first frame in the file.
        min_score: A joint with a lower score is missing.
        name: Name for tables and pictures. Default: the file's name.

    Attributes:
        per_video: Whether there is one file per video.

    Raises:
        FileNotFoundError, BadFileError: If the file is absent or bad, or its layout is not clear; with one
            file per video, on :meth:`start`.
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
        self._given = None if layout is None else find_layout(layout)
        self.per_video = any(place in self._path for place in PLACEHOLDERS)
        self.name, self.origin = name or printable(Path(self._path).stem), self._path
        self.layout = self._given  # without one, that of the first video's file
        self._frames: dict[int, FramePoses] = {}
        self._file_notes: tuple[str, ...] = ()
        self._source: str | None = None
        self._begin()
        if not self.per_video:
            self._read(self._path)

    @property
    def num_frames(self) -> int:
        """Frames from the video's first to the last that the file has poses of."""
        return max(0, max(self._frames, default=-1) + 1 - self._first)

    def start(self, source: str | None = None) -> None:
        """Begin a video.

        Raises:
            InferenceError: If the poses are those of another video, or the file is named after the video,
                which has no name.
        """
        self._begin()
        if self.per_video:
            if source is None:
                raise InferenceError(f'{self._path}: named after each video, and this input has no name')
            self._read(path_of_video(self._path, source))
        elif source is not None:
            if self._source not in (None, source):
                raise InferenceError(
                    f'{self._path}: holds the poses of one video, {self._source}, and cannot serve {source} '
                    'too. For several videos give a path with {stem} in it, which stands for the name of each'
                )
            self._source = source

    def predict(self, frames: Sequence[np.ndarray], first: int = 0) -> list[FramePoses]:
        start, empty = first + self._first, FramePoses.empty(self.layout.num_joints)
        found = [self._frames.get(number, empty) for number in range(start, start + len(frames))]
        for frame, poses in zip(frames, found):
            outside, seen = joints_outside(poses, frame.shape[:2])
            self._outside, self._seen = self._outside + outside, self._seen + seen
        self._shape = frames[-1].shape[:2] if len(frames) else self._shape
        self._next = max(self._next, start + len(frames))
        return found

    def notes(self) -> list[str]:
        """How the file does not fit the current video."""
        notes = list(self._file_notes)
        if self._outside and self._shape is not None:
            notes.append(note_on_outside(self._outside, self._seen, self._shape))
        beyond = sum(number >= self._next or number < self._first for number in self._frames)
        if beyond:
            last = self._next - 1
            notes.append(
                f'poses of {beyond} of its {len(self._frames)} frames lie outside the video, which has the '
                f'frames {self._first} to {last}; the file has {min(self._frames)} to {max(self._frames)}'
            )
        return notes

    def _begin(self) -> None:
        self._outside = self._seen = 0
        self._shape: tuple[int, int] | None = None
        self._next = self._first

    def _read(self, path: str) -> None:
        content = read_poses(path, self._given)
        self.layout, self._file_notes = content.layout, content.notes
        self._frames = {frame: self._sure(poses) for frame, poses in content.frames.items()}

    def _sure(self, poses: FramePoses) -> FramePoses:
        if self._min_score <= 0:
            return poses
        score = np.where(poses.score >= self._min_score, poses.score, 0)
        seen = np.flatnonzero((score > 0).any(axis=-1))
        return FramePoses(poses.keypoint[seen], score[seen])


def joints_outside(poses: FramePoses, size: tuple[int, int]) -> tuple[int, int]:
    """How many of the seen joints are outside a picture of (H, W), and how many are seen."""
    points = poses.keypoint[poses.score > 0]
    inside = (points >= 0).all(axis=-1) & (points < (size[1], size[0])).all(axis=-1)
    return int((~inside).sum()), len(points)


def note_on_outside(outside: int, seen: int, size: tuple[int, int]) -> str:
    """The note on joints outside a picture of (H, W)."""
    question = '; were they found in pictures of another size?' if outside > 0.1 * seen else ''
    return (
        f'{outside} of {seen} joints ({outside / seen:.1%}) lie outside the picture of {size[1]} x {size[0]} '
        f'pixels{question}'
    )
