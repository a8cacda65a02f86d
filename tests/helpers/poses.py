"""Persons and experts for the tests of pose extraction."""

from __future__ import annotations

import numpy as np

from mmactrep.pose.experts import PoseExpert
from mmactrep.structures import get_layout
from mmactrep.structures.poses import FramePoses

# A standing person in a box of 0 ... 1 by 0 ... 2, by joint name; sides mirror about x = 0.5.
_PLACES = dict(
    nose=(0.5, 0.15), eye=(0.45, 0.1), ear=(0.4, 0.12), shoulder=(0.25, 0.4), elbow=(0.12, 0.7),
    wrist=(0.05, 1.0), hip=(0.35, 1.0), knee=(0.33, 1.5), ankle=(0.32, 2.0),
)  # fmt: skip


def standing(x: float = 100.0, y: float = 50.0, size: float = 100.0) -> np.ndarray:
    """A standing person (17, 2) of layout coco17 whose box starts at (x, y) and is ``2 * size`` high."""
    points = []
    for joint in get_layout('coco17').joints:
        side, _, part = joint.rpartition('_')
        across, down = _PLACES[part]
        points.append((1 - across if side == 'right' else across, down))
    return np.float32(points) * np.float32(size) + np.float32([x, y])


def persons(*poses: np.ndarray, score: float = 1.0) -> FramePoses:
    """Complete persons as the proposals of one frame."""
    if not poses:
        return FramePoses.empty(17)
    return FramePoses(np.stack(poses), np.full((len(poses), len(poses[0])), score))


class ListedExpert(PoseExpert):
    """An expert that returns the given poses frame by frame, and nobody after the last."""

    def __init__(self, frames: list[FramePoses], name: str = 'listed', layout: str = 'coco17') -> None:
        self.frames = frames
        self.name = name
        self.layout = get_layout(layout)
        self.sources: list[str | None] = []

    def start(self, source: str | None = None) -> None:
        self.sources.append(source)

    def predict(self, frames, first=0):
        nobody = FramePoses.empty(self.layout.num_joints)
        return [self.frames[i] if i < len(self.frames) else nobody for i in range(first, first + len(frames))]


def array_expert(keypoint: np.ndarray, name: str = 'array') -> ListedExpert:
    """An expert that returns one person's poses (T, 17, 2); joints at (0, 0) are missing."""
    score = (keypoint != 0).any(axis=-1).astype(np.float32)
    nobody = FramePoses.empty(17)
    return ListedExpert(
        [FramePoses(k[None], s[None]) if s.any() else nobody for k, s in zip(keypoint, score)], name
    )
