"""The settings of an extraction, and the interfaces of its parts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from mmactrep.pose.aggregation.sst_a import THRESHOLD
from mmactrep.structures import SkeletonLayout
from mmactrep.video.frame_times import FrameTimes


class VideoSource(Protocol):
    """Interface of a video; see :class:`~mmactrep.video.frames.VideoFrames`."""

    num_frames: int
    fps: float
    size: tuple[int, int]
    seconds: float
    times: FrameTimes

    def batches(self, batch_size: int) -> Iterator[tuple[int, Sequence[np.ndarray]]]:
        """Batches of consecutive frames, each with the number of its first frame."""

    def notes(self) -> list[str]:
        """What a user should know about the video, one sentence each."""


class Lifter(Protocol):
    """Lifts 2D poses to 3D; see :class:`~mmactrep.pose.lifting.PoseLifter`."""

    layout: SkeletonLayout

    def __call__(
        self, keypoint: np.ndarray, score: np.ndarray, layout: SkeletonLayout
    ) -> tuple[np.ndarray, np.ndarray]:
        """Lift (T, V, 2), (T, V) in ``layout`` to (T, V', 3), (T, V') in :attr:`layout`."""


@dataclass(frozen=True)
class ExtractionSettings:
    """How the tracks of a video become clips.

    Args:
        max_persons: Persons M per clip. Tracks that do not overlap in time can share one.
        min_length: Tracks of fewer frames are skipped.
        clip_length: Cut videos into clips of this many frames, named ``ID_00000``, ``ID_00001``, ...; those
            in which nobody is seen are skipped. 0 makes one clip per video. Memory grows with the length of a
            clip, not of a video.
        min_confidence: γ of Eq. 3.3.
        discard: Discard poses below γ, see :class:`~mmactrep.pose.estimator.PoseEstimator`.
        fill_gap: Longest gap of a joint that is interpolated, in frames.
        keep_damaged: Use the readable part of damaged or truncated videos, and note it, instead of skipping
            them.
    """

    max_persons: int = 2
    min_length: int = 5
    clip_length: int = 0
    min_confidence: float = THRESHOLD
    discard: bool = False
    fill_gap: int = 5
    keep_damaged: bool = False

    @property
    def estimator(self) -> dict:
        """The settings that are arguments of ``PoseEstimator``."""
        names = ('min_length', 'min_confidence', 'discard', 'fill_gap')
        return {name: getattr(self, name) for name in names}
