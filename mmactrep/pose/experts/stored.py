"""The clips of a skeleton store as an expert, to compare or aggregate what was extracted before."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mmactrep.arguments import printable
from mmactrep.errors import InferenceError
from mmactrep.store.format import UnknownClipError
from mmactrep.store.reader import SkeletonStore
from mmactrep.structures.poses import FramePoses

from .base import PoseExpert


class StoredExpert(PoseExpert):
    """The persons of each frame as a store has them, from the clip that is named after the video.

    Args:
        path: The store's folder. Its clips are of 2D poses.

    Raises:
        StoreError: If it is no store.
        InferenceError: If its poses are not 2D.
    """

    def __init__(self, path: str | Path) -> None:
        self.store = SkeletonStore(path)
        if self.store.num_channels != 2:
            raise InferenceError(f'{path}: expected 2D poses, found {self.store.num_channels}D')
        self.name, self.layout = printable(Path(path).name), self.store.layout
        self._clip: dict | None = None

    def start(self, source: str | None = None) -> None:
        """Begin a video, or a clip by its name.

        Raises:
            InferenceError: If the store has no clip of this name.
        """
        if source is None:
            raise InferenceError(f'{self.store.root}: its clips have names, and this input has none')
        stem = Path(source).with_suffix('')
        rows = (self._row(name) for name in dict.fromkeys([source, str(stem), stem.name]))
        row = next((row for row in rows if row is not None), None)
        if row is None:
            raise InferenceError(
                f"{self.store.root}: no clip '{printable(stem.name)}' for {printable(source)}"
            )
        self._clip = self.store[row]

    def _row(self, name: str) -> int | None:
        try:
            return self.store.find(name)
        except UnknownClipError:
            return None

    def predict(self, frames: Sequence[np.ndarray], first: int = 0) -> list[FramePoses]:
        """Persons of consecutive frames; nobody after the end of the clip."""
        keypoint, score = self._clip['keypoint'], self._clip['keypoint_score']
        found = []
        for number in range(first, first + len(frames)):
            if number >= keypoint.shape[1]:
                found.append(FramePoses.empty(self.layout.num_joints))
                continue
            seen = (score[:, number] > 0).any(axis=-1)
            found.append(FramePoses(keypoint[seen, number], score[seen, number]))
        return found
