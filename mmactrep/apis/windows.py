"""Recognition of sliding windows over tracks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mmactrep.pose.tracking.tracks import pack_tracks
from mmactrep.structures import SkeletonLayout
from mmactrep.structures.poses import PoseTrack
from mmactrep.structures.recognition import ActionWindow
from mmactrep.structures.windows import window_spans

from .recognizer import ActionRecognizer


@dataclass(frozen=True, eq=False)
class PersonGroup:
    """Persons who are recognized together, over the frames of all of them.

    Args:
        start: Number of the first frame.
        keypoint: (M, T, V, C) coordinates.
        score: (M, T, V), 0 for missing joints.
    """

    start: int
    keypoint: np.ndarray
    score: np.ndarray

    @classmethod
    def alone(cls, track: PoseTrack) -> PersonGroup:
        """One person."""
        return cls(track.start, track.keypoint[None], track.score[None])

    @classmethod
    def together(cls, tracks: Sequence[PoseTrack], max_persons: int) -> PersonGroup:
        """Several, side by side; see :func:`~mmactrep.pose.tracking.tracks.pack_tracks`."""
        start, end = min(track.start for track in tracks), max(track.end for track in tracks)
        return cls(start, *pack_tracks(tracks, start, end, max_persons))


def score_windows(
    recognizer: ActionRecognizer,
    groups: Sequence[PersonGroup],
    layout: SkeletonLayout,
    img_shape: tuple[int, int],
    window: int | None = None,
    stride: int | None = None,
    min_frames: int = 4,
    batch_size: int = 16,
) -> list[list[ActionWindow]]:
    """Recognize every window of every group of persons.

    Args:
        recognizer: The recognizer.
        groups: Persons over time, single or together.
        layout: Layout of their joints.
        img_shape: (H, W) of the picture that coordinates belong to.
        window: Frames of a window. Default: all frames.
        stride: Frames from one window to the next. Default: half a window.
        min_frames: Windows with somebody in fewer frames are skipped. Frames without anybody are cut out of a
            window: models were not trained on them.
        batch_size: Windows per forward pass.

    Returns:
        The windows of each group, possibly none.
    """
    clips, owners = [], []
    for number, group in enumerate(groups):
        seen = np.any(group.score > 0, axis=(0, 2))
        for start, end in window_spans(len(seen), window, stride):
            if seen[start:end].sum() < min_frames:
                continue
            kept = start + np.flatnonzero(seen[start:end])
            clips.append(
                dict(
                    keypoint=group.keypoint[:, kept],
                    keypoint_score=group.score[:, kept],
                    img_shape=tuple(img_shape),
                    layout=layout,
                    frame_dir=f'frames {group.start + start} to {group.start + end}',
                )
            )
            owners.append((number, group.start + start, group.start + end, int(seen[start:end].sum())))
    found: list[list[ActionWindow]] = [[] for _ in groups]
    scores, known = recognizer.judge(clips, batch_size)
    for row, (number, start, end, count) in enumerate(owners):
        found[number].append(ActionWindow(start, end, count, scores[row], float(known[row])))
    return found
