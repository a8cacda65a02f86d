"""What passes between the stages of pose extraction: proposals of one frame, and tracks over time.

A missing joint has score 0 and coordinates 0, everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mmactrep.structures import JointMapping


@dataclass(frozen=True, eq=False)
class FramePoses:
    """The persons that one expert proposes in one frame.

    Args:
        keypoint: (P, V, 2) float32, pixels of the frame.
        score: (P, V) float32, confidences; 0 where a joint is missing.
        box: (P, 4) float32, x1, y1, x2, y2 in pixels. Default: around the joints seen.

    Raises:
        ValueError: If the shapes do not agree, or a coordinate or score is not finite.
    """

    keypoint: np.ndarray
    score: np.ndarray
    box: np.ndarray | None = None

    def __post_init__(self) -> None:
        keypoint = np.asarray(self.keypoint, np.float32)
        score = np.asarray(self.score, np.float32)
        if keypoint.ndim != 3 or keypoint.shape[-1] != 2 or score.shape != keypoint.shape[:-1]:
            raise ValueError(
                f'poses of a frame are (P, V, 2) with scores (P, V), found {keypoint.shape} and {score.shape}'
            )
        if not (np.isfinite(keypoint).all() and np.isfinite(score).all()):
            raise ValueError('poses of a frame must be finite')
        score = np.maximum(score, 0)
        keypoint = np.where(score[..., None] > 0, keypoint, np.float32(0))
        box = boxes_around(keypoint, score) if self.box is None else np.asarray(self.box, np.float32)
        if box.shape != (len(keypoint), 4):
            raise ValueError(f'boxes of a frame are (P, 4) = ({len(keypoint)}, 4), found {box.shape}')
        for name, value in (('keypoint', keypoint), ('score', score), ('box', box)):
            object.__setattr__(self, name, value)

    def __len__(self) -> int:
        return len(self.keypoint)

    @classmethod
    def empty(cls, num_joints: int) -> FramePoses:
        """A frame in which nobody was seen."""
        return cls(np.zeros((0, num_joints, 2)), np.zeros((0, num_joints)))

    def take(self, persons: Sequence[int] | np.ndarray) -> FramePoses:
        """The chosen persons, in the given order."""
        persons = np.asarray(persons, np.int64)
        return FramePoses(self.keypoint[persons], self.score[persons], self.box[persons])

    def mapped(self, mapping: JointMapping) -> FramePoses:
        """The same persons with the joints of another layout; the boxes stay."""
        return FramePoses(*mapping(self.keypoint, self.score), self.box)


def boxes_around(keypoint: np.ndarray, score: np.ndarray) -> np.ndarray:
    """Boxes (..., 4), x1, y1, x2, y2, around the seen joints of poses (..., V, 2); zeros where none is."""
    seen = (score > 0)[..., None]
    low = np.where(seen, keypoint, np.inf).min(axis=-2)
    high = np.where(seen, keypoint, -np.inf).max(axis=-2)
    box = np.concatenate([low, high], axis=-1)
    return np.where(seen.any(axis=-2), box, 0).astype(np.float32)


@dataclass(frozen=True, eq=False)
class TrackedPose:
    """One person in one frame after aggregation.

    Args:
        track: Number of the track, from 0, unique in a video.
        frame: Frame number, from 0.
        keypoint: (V, 2) float32, pixels.
        score: (V,) float32, confidences; 0 where a joint is missing.
        confidence: C of Eq. 3.4, how well the experts agree; NaN where no two of them saw the same joint.
        votes: Number of experts that saw this person in this frame; 0 for poses that were not aggregated.
    """

    track: int
    frame: int
    keypoint: np.ndarray
    score: np.ndarray
    confidence: float
    votes: int

    @property
    def box(self) -> np.ndarray:
        """(4,) x1, y1, x2, y2 around the joints seen."""
        return boxes_around(self.keypoint, self.score)


@dataclass(frozen=True, eq=False)
class PoseTrack:
    """One person over time, without gaps: frames in which the person was not seen are missing throughout.

    Args:
        track: Number of the track, unique in a video.
        start: Frame number of the first row.
        keypoint: (T, V, 2) float32, pixels.
        score: (T, V) float32, 0 where a joint is missing.
        confidence: (T,) float32, C of Eq. 3.4; NaN where only one expert saw the person, who agrees with
            nobody; 0 where the person was not seen.
        votes: (T,) int16, number of experts that saw the person; 0 where nobody did. None for poses that were
            not aggregated: those of a skeleton file or a stored clip.
    """

    track: int
    start: int
    keypoint: np.ndarray
    score: np.ndarray
    confidence: np.ndarray
    votes: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.keypoint)

    @property
    def end(self) -> int:
        """Frame number after the last row."""
        return self.start + len(self)

    @property
    def seen(self) -> np.ndarray:
        """(T,) bool, the frames in which the person was seen."""
        return (self.score > 0).any(axis=1)

    def at(self, frame: int) -> TrackedPose | None:
        """The pose in one frame of the video; None if the person was not seen in it."""
        row = frame - self.start
        if not 0 <= row < len(self) or not (self.score[row] > 0).any():
            return None
        votes = 0 if self.votes is None else int(self.votes[row])
        confidence = float(self.confidence[row])
        return TrackedPose(self.track, frame, self.keypoint[row], self.score[row], confidence, votes)
