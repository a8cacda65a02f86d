"""Postprocessing of finished tracks: ranking, filling short gaps, packing into the persons of a clip."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from mmactrep.structures.poses import PoseTrack


@dataclass(frozen=True, eq=False)
class TrackStatistics:
    """Sums over the frames of a track that determine its rank; those of two parts add up.

    Args:
        frames: Frames in which the person was seen.
        count: (V,) frames in which each joint was seen.
        total: (V, 2) sums of the coordinates.
        squares: (V, 2) sums of their squares.
        diagonal: Sum over the frames of the diagonal of the box around the joints.
    """

    frames: int
    count: np.ndarray
    total: np.ndarray
    squares: np.ndarray
    diagonal: float

    def __add__(self, other: TrackStatistics) -> TrackStatistics:
        return TrackStatistics(
            self.frames + other.frames,
            self.count + other.count,
            self.total + other.total,
            self.squares + other.squares,
            self.diagonal + other.diagonal,
        )

    @classmethod
    def of(cls, keypoint: np.ndarray, score: np.ndarray) -> TrackStatistics:
        """Statistics of poses (T, V, 2) with scores (T, V)."""
        seen = score > 0
        there = seen.any(axis=1)
        points = np.where(seen[..., None], keypoint, 0).astype(np.float64)
        low = np.where(seen[..., None], keypoint, np.inf).min(axis=1)[there]
        high = np.where(seen[..., None], keypoint, -np.inf).max(axis=1)[there]
        diagonal = float(np.sqrt(((high - low).astype(np.float64) ** 2).sum(axis=1)).sum())
        return cls(int(there.sum()), seen.sum(axis=0), points.sum(axis=0), (points**2).sum(axis=0), diagonal)

    @property
    def activity(self) -> float:
        """How far the joints move from their mean positions over time, relative to the body's diagonal.

        The root mean square over the joints of their standard deviation in the picture.
        """
        if not self.frames or self.diagonal <= 0:
            return 0.0
        count = np.maximum(self.count, 1)[:, None]
        variance = np.maximum(self.squares / count - (self.total / count) ** 2, 0).sum(axis=1)
        mean = (variance * self.count).sum() / self.count.sum()
        return float(np.sqrt(mean) / (self.diagonal / self.frames))

    @property
    def rank(self) -> float:
        """Frames seen, up to doubled by activity: an actor ranks above a bystander who hardly moves."""
        return self.frames * (1 + min(self.activity, 1.0))


def fill_gaps(track: PoseTrack, max_gap: int) -> PoseTrack:
    """Interpolate joints that are missing for a short while.

    Args:
        track: A track.
        max_gap: Longest run of frames that is filled, for every joint separately; 0 fills nothing.

    Returns:
        The track, with the joints in a gap interpolated linearly and the lower score of the gap's two ends.
        ``confidence`` and ``votes`` stay 0 where the person was not seen.
    """
    seen = track.score > 0
    if max_gap <= 0 or seen.all():
        return track
    frames = np.arange(len(track))[:, None]
    before = np.maximum.accumulate(np.where(seen, frames, -1), axis=0)
    after = np.minimum.accumulate(np.where(seen, frames, len(track))[::-1], axis=0)[::-1]
    fill = ~seen & (before >= 0) & (after < len(track)) & (after - before - 1 <= max_gap)
    frame, joint = np.nonzero(fill)
    start, end = before[fill], after[fill]
    share = ((frame - start) / (end - start))[:, None]
    keypoint, score = track.keypoint.copy(), track.score.copy()
    keypoint[frame, joint] = (1 - share) * keypoint[start, joint] + share * keypoint[end, joint]
    score[frame, joint] = np.minimum(score[start, joint], score[end, joint])
    return replace(track, keypoint=keypoint, score=score)


def trim(track: PoseTrack, start: int, end: int) -> PoseTrack | None:
    """The frames ``start`` to ``end`` of a track, None if it has none there."""
    low, high = max(track.start, start), min(track.end, end)
    if low >= high:
        return None
    rows = slice(low - track.start, high - track.start)
    votes = None if track.votes is None else track.votes[rows]
    return PoseTrack(track.track, low, track.keypoint[rows], track.score[rows], track.confidence[rows], votes)


def assign_slots(spans: Sequence[tuple[int, int]], max_persons: int) -> list[int]:
    """Assign tracks to the persons of a clip: tracks that do not overlap in time can share one.

    Args:
        spans: (first frame, frame after the last) of every track, by decreasing rank.
        max_persons: Number of persons M in the clip.

    Returns:
        The person 0 ... M - 1 of every track, -1 for those without a place.
    """
    taken: list[list[tuple[int, int]]] = []
    slots = []
    for start, end in spans:
        free = (
            person
            for person, others in enumerate(taken)
            if all(end <= first or last <= start for first, last in others)
        )
        slot = next(free, -1)
        if slot < 0 and len(taken) < max_persons:
            slot = len(taken)
            taken.append([])
        if slot >= 0:
            taken[slot].append((start, end))
        slots.append(slot)
    return slots


def pack_tracks(
    tracks: Sequence[PoseTrack], start: int, end: int, max_persons: int
) -> tuple[np.ndarray, np.ndarray] | None:
    """Combine tracks as the persons of one clip.

    Args:
        tracks: Tracks by decreasing rank.
        start: First frame of the clip.
        end: Frame after its last.
        max_persons: Maximum number of persons M.

    Returns:
        Coordinates (M, T, V, C) and scores (M, T, V), zeros where a person is absent; None if no track is in
        the clip.
    """
    inside = [track for track in tracks if track.start < end and track.end > start]
    slots = assign_slots([(track.start, track.end) for track in inside], max_persons)
    persons = max(slots, default=-1) + 1
    if not persons:
        return None
    shape = (persons, end - start, *inside[0].keypoint.shape[1:])
    keypoint, score = np.zeros(shape, np.float32), np.zeros(shape[:-1], np.float32)
    for track, slot in zip(inside, slots):
        if slot >= 0:
            first, last = max(track.start, start), min(track.end, end)
            rows = slice(first - track.start, last - track.start)
            keypoint[slot, first - start : last - start] = track.keypoint[rows]
            score[slot, first - start : last - start] = track.score[rows]
    return keypoint, score
