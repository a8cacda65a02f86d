"""Boxes of persons for a top-down model from any other expert, or from outside."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mmactrep.datasets.keypoints.coco_file import GROWTH, grown_box

from .base import PoseExpert


class ExpertBoxes:
    """Boxes around the persons that an expert finds, as those around pseudo truth (thesis 3.3.3).

    A stand-in for :class:`~mmactrep.pose.experts.person_detector.PersonDetector`: a student of mmpose can
    take its boxes from MediaPipe, or from the thesis's student, without weights of a detector.

    Args:
        expert: The expert.
        growth: By how much boxes exceed the joints, as a share of their size.
        max_persons: Maximum number of boxes per frame, the best ones. Default: all.
    """

    def __init__(self, expert: PoseExpert, growth: float = GROWTH, max_persons: int | None = None) -> None:
        self.expert, self.growth, self.max_persons = expert, growth, max_persons
        self._next, self._closed = 0, False
        self._last: tuple[list[np.ndarray], list[np.ndarray]] = ([], [])

    def __call__(self, frames: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Boxes of the persons of consecutive frames in RGB: each (P, 5) float32, x1, y1, x2, y2, score.

        For the same frames again, as from a second expert that shares the boxes, it returns the last result:
        an expert that follows persons must see every frame once.
        """
        last, boxes = self._last
        if frames and len(last) == len(frames) and all(old is new for old, new in zip(last, frames)):
            return boxes
        found = self.expert.predict(frames, self._next)
        self._next += len(frames)
        boxes = [self._boxes(poses, frame.shape[:2]) for poses, frame in zip(found, frames)]
        self._last = (list(frames), boxes)
        return boxes

    def start(self, source: str | None = None) -> None:
        """Begin a new video."""
        self._next = 0
        self.forget()
        self.expert.start(source)

    def close(self) -> None:
        """Release what the expert holds; once, however many experts share the boxes."""
        self.forget()
        if not self._closed:
            self._closed = True
            self.expert.close()

    def forget(self) -> None:
        """Release the last frames."""
        self._last = ([], [])

    def _boxes(self, poses, size: tuple[int, int]) -> np.ndarray:
        rows = []
        for keypoint, score in zip(poses.keypoint, poses.score):
            box = grown_box(keypoint, score, size, self.growth)
            if box.any():
                rows.append([*box, score[score > 0].mean()])
        rows.sort(key=lambda row: -row[4])
        return np.array(rows[: self.max_persons], np.float32).reshape(-1, 5)
