"""From the frames of one video to the clips of its persons."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from mmactrep.pose.estimator import PoseEstimator
from mmactrep.pose.tracking.resampling import frames_around, resample_tracks
from mmactrep.pose.tracking.tracks import assign_slots, pack_tracks, trim
from mmactrep.structures import SkeletonLayout
from mmactrep.structures.poses import PoseTrack
from mmactrep.video.reading_ahead import read_ahead

from .settings import ExtractionSettings, Lifter, VideoSource


@dataclass(frozen=True, eq=False)
class ExtractedClip:
    """A clip that is to be written to a store.

    Args:
        start: Its first frame in the video.
        keypoint: (M, T, V, 2) coordinates.
        score: (M, T, V) scores.
        votes: (M, E) int: number of frames in which 1, ..., E experts saw each person.
        bodies: (T,) int: number of persons that experts saw in each frame, of whom at most M are kept.
        present: (T,) bool: frames in which experts saw one of the M.
        confidence: Mean of C (Eq. 3.4) over the persons and frames that have it; NaN if none has, as where
            only one expert saw each person.
        lifted: Coordinates (M, T, V', 3) and scores (M, T, V') of a lifter, if there is one.
    """

    start: int
    keypoint: np.ndarray
    score: np.ndarray
    votes: np.ndarray
    bodies: np.ndarray
    present: np.ndarray
    confidence: float
    lifted: tuple[np.ndarray, np.ndarray] | None = None


def extract_clips(
    estimator: PoseEstimator,
    video: VideoSource,
    settings: ExtractionSettings,
    lifter: Lifter | None = None,
    source: str | None = None,
    batch_size: int = 16,
    on_frames: Callable[[int], None] = lambda count: None,
) -> Iterator[ExtractedClip]:
    """Find the persons of a video.

    Frames of a clip have a constant rate, ``video.fps``. If those of the video do not, the poses found in
    them are interpolated, see :func:`~mmactrep.pose.tracking.resampling.resample_track`.

    Args:
        estimator: Experts and aggregation; it is started here.
        video: The frames.
        settings: How the tracks become clips.
        lifter: Lifts them to 3D, each track on its own.
        source: The video's path, for experts that read a file for each video.
        batch_size: Frames per batch for the experts.
        on_frames: Called with the number of frames after each batch.

    Yields:
        Clips, only after the whole video was read, so that nothing is kept of a damaged one.

    Raises:
        VideoError: If a frame cannot be decoded.
    """
    estimator.start(source)
    frames = 0
    with contextlib.closing(read_ahead(video.batches(batch_size), 1)) as batches:
        for first, batch in batches:
            estimator.update(batch, first)
            frames = first + len(batch)
            on_frames(len(batch))
    times = video.times
    frames = frames if times.steady else times.num_steady
    length = settings.clip_length or max(frames, 1)
    for start in range(0, frames, length):
        end = min(start + length, frames)
        found = estimator.finished_tracks(*frames_around(times, start, end))
        cut = [trim(track, start, end) for track in resample_tracks(found, times)]
        tracks = [track for track in cut if track is not None]
        # seen, or filled in: a track without any joint in the clip is not a person in it
        tracks = [track for track in tracks if (track.score > 0).any()]
        packed = pack_tracks(tracks, start, end, settings.max_persons)
        if packed is None:
            continue
        lifted = None
        if lifter is not None:
            solid = [_lifted(track, lifter, estimator.layout) for track in tracks]
            lifted = pack_tracks(solid, start, end, settings.max_persons)
        yield ExtractedClip(
            start,
            *packed,
            count_votes(tracks, settings.max_persons, len(estimator.experts)),
            *_seen_frames(tracks, start, end, settings.max_persons),
            _mean_confidence(tracks),
            lifted,
        )


def count_votes(tracks: list[PoseTrack], max_persons: int, experts: int) -> np.ndarray:
    """(M, E) number of frames in which 1, ..., E experts saw each person of :func:`pack_tracks`."""
    slots = assign_slots([(track.start, track.end) for track in tracks], max_persons)
    counts = np.zeros((max(slots, default=-1) + 1, experts), np.int64)
    for track, slot in zip(tracks, slots):
        if slot >= 0 and track.votes is not None:
            counts[slot] += np.bincount(track.votes[track.votes > 0] - 1, minlength=experts)
    return counts


def _seen_frames(
    tracks: list[PoseTrack], start: int, end: int, max_persons: int
) -> tuple[np.ndarray, np.ndarray]:
    """(T,) number of persons seen in each frame, filled gaps excluded; and whether one of those kept is."""
    slots = assign_slots([(track.start, track.end) for track in tracks], max_persons)
    bodies, present = np.zeros(end - start, np.int64), np.zeros(end - start, bool)
    for track, slot in zip(tracks, slots):
        seen = _seen(track)
        rows = slice(track.start - start, track.end - start)
        bodies[rows] += seen
        if slot >= 0:
            present[rows] |= seen
    return bodies, present


def _seen(track: PoseTrack) -> np.ndarray:
    """(T,) frames in which an expert saw the person, not those between in which a gap was filled."""
    return track.seen if track.votes is None else track.seen & (track.votes > 0)


def _mean_confidence(tracks: list[PoseTrack]) -> float:
    known = [track.confidence[_seen(track) & np.isfinite(track.confidence)] for track in tracks]
    values = np.concatenate([*known, np.empty(0, np.float32)])
    return float(values.mean(dtype=np.float64)) if len(values) else float('nan')


def _lifted(track: PoseTrack, lifter: Lifter, layout: SkeletonLayout) -> PoseTrack:
    keypoint, score = lifter(track.keypoint, track.score, layout)
    return replace(track, keypoint=keypoint, score=score)
