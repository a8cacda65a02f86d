"""The persons of an input, before anything is recognized."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from mmactrep.structures import SkeletonLayout
from mmactrep.structures.poses import PoseTrack


@dataclass(eq=False)
class PoseClip:
    """The persons of one input, before anything is recognized.

    Args:
        name: Name of the input.
        tracks: Persons over time, the most important first.
        layout: Layout of their joints.
        img_shape: (H, W) of the picture that coordinates belong to.
        num_frames: Frames of the input.
        fps: Frames per second; 0 where unknown.
        num_experts: Number of aggregated pose experts; 0 for given poses.
        seconds: Seconds per stage.
        expert_seconds: Seconds per expert.
        notes: What a user should know about the input, one sentence per note.
        annotation: The annotation dictionary, if the input was one or a clip of a store.
    """

    name: str
    tracks: list[PoseTrack]
    layout: SkeletonLayout
    img_shape: tuple[int, int]
    num_frames: int
    fps: float = 0.0
    num_experts: int = 0
    seconds: dict[str, float] = field(default_factory=dict)
    expert_seconds: dict[str, float] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    annotation: dict | None = None


def extent_of(keypoint: np.ndarray, score: np.ndarray) -> tuple[int, int]:
    """(H, W) of the smallest picture from (0, 0) that contains all joints seen, if the size is unknown."""
    points = keypoint[score > 0][:, :2]
    width, height = np.ceil(points.max(axis=0)).astype(int) + 1 if len(points) else (1, 1)
    return max(1, int(height)), max(1, int(width))
