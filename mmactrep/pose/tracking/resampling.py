"""Resampling tracks of a video with uneven frame times to a constant rate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from mmactrep.structures.poses import PoseTrack
from mmactrep.video.frame_times import FrameTimes


def resample_track(track: PoseTrack, times: FrameTimes) -> PoseTrack:
    """Resample a track to the constant rate of its video.

    Args:
        track: Its rows are frames of the video.
        times: Times at which these are shown.

    Returns:
        Row n is the pose at ``n / times.fps`` seconds: every joint is interpolated linearly between the
        frames before and after, with the lower of their scores. A joint that only one of the two frames has
        is copied if that frame is the nearer one, and is missing otherwise; the same applies to confidence
        and votes.
    """
    if times.steady:
        return track
    own = times.seconds[track.start : track.end] * times.fps
    start = int(np.ceil(own[0] - 1e-6))
    place = np.arange(start, max(int(np.floor(own[-1] + 1e-6)), start) + 1, dtype=np.float64)
    after = np.clip(np.searchsorted(own, place - 1e-6), 0, len(own) - 1)
    before = np.maximum(after - 1, 0)
    share = np.clip((place - own[before]) / np.maximum(own[after] - own[before], 1e-9), 0, 1)
    share = np.where(after == before, 0.0, share)
    nearest = np.where(share > 0.5, after, before)
    seen_before, seen_after = track.score[before] > 0, track.score[after] > 0
    both = seen_before & seen_after
    share = share[:, None, None].astype(np.float32)
    between = (1 - share) * track.keypoint[before] + share * track.keypoint[after]
    keypoint = np.where(both[..., None], between, track.keypoint[nearest])
    score = np.where(both, np.minimum(track.score[before], track.score[after]), track.score[nearest])
    votes = None if track.votes is None else track.votes[nearest]
    return PoseTrack(track.track, start, keypoint.astype(np.float32), score, track.confidence[nearest], votes)


def frames_around(times: FrameTimes, start: int, end: int) -> tuple[int, int]:
    """The frames of the video from which the rows ``start`` to ``end`` at the constant rate are made.

    Returns:
        The first frame and the one after the last; one more on each side, as rows are between frames.
    """
    if times.steady:
        return start, end
    first, last = np.searchsorted(times.seconds * times.fps, [start, end])
    return max(int(first) - 1, 0), min(int(last) + 1, len(times.seconds))


def resample_tracks(tracks: Iterable[PoseTrack], times: FrameTimes) -> Iterator[PoseTrack]:
    """Each of the tracks at the constant rate of their video, see :func:`resample_track`."""
    return (resample_track(track, times) for track in tracks)
