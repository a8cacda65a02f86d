"""Choosing the persons of a clip from the bodies that an estimator found."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

# The noise rules of NTU RGB+D's authors, also used by later code (Shahroudy et al. 2016; CTR-GCN, PYSKL): a
# body seen for at most 10 frames, or broader than high in most frames, is not a person.
_LEAST_FRAMES = 11
_BROADEST = 0.8
_BROAD_SHARE = 0.69754

# A body continues under another id if it is back within a second at 30 frames per second and its joints moved
# by less than half the body's largest extent on average.
_LONGEST_GAP = 30
_REACH = 0.5


@dataclass(frozen=True)
class BodyTrack:
    """A body in the frames in which it is present.

    Args:
        frames: (n,) frame numbers, increasing.
        joints: (n, V, C) coordinates in those frames.
    """

    frames: np.ndarray
    joints: np.ndarray


def join_tracks(tracks: Sequence[BodyTrack], continued: bool = False) -> list[BodyTrack]:
    """Join tracks that are never present at the same time: one person whose id changed.

    Kinect gives a person a new id whenever it loses track of them; if the fragments counted as different
    persons, choosing the most active ones would lose part of the clip. The field's denoising of NTU RGB+D
    joins such fragments too (CTR-GCN's ``get_raw_denoised_data.py``). A fragment that could continue several
    tracks joins the one whose last pose is nearest.

    Args:
        tracks: All tracks.
        continued: Join only where the body reappears soon and close to where it was last seen.

    Returns:
        The joined tracks, by their first frame.
    """
    joined: list[BodyTrack] = []
    for _, together in itertools.groupby(sorted(tracks, key=_first_frame), key=_first_frame):
        # fragments that begin in the same frame compete: the nearest pair is joined first
        group = list(together)
        pairs = [
            (distance, place, number)
            for number, fragment in enumerate(group)
            for place, track in enumerate(joined)
            if (distance := _distance(track, fragment, continued)) is not None
        ]
        left = dict(enumerate(group))
        taken: set[int] = set()
        for _, place, number in sorted(pairs):
            if number in left and place not in taken:
                taken.add(place)
                joined[place] = _merged(joined[place], left.pop(number))
        joined += left.values()
    return joined


def _first_frame(track: BodyTrack) -> int:
    return int(track.frames[0])


def _distance(track: BodyTrack, fragment: BodyTrack, continued: bool) -> float | None:
    """How far the joints moved between the two, in body sizes; None if they cannot be one person."""
    first = fragment.frames[0]
    before = int(np.searchsorted(track.frames, first)) - 1
    if continued and (before < 0 or first - track.frames[before] > _LONGEST_GAP):
        return None
    if track.frames[-1] >= first and np.isin(fragment.frames, track.frames, assume_unique=True).any():
        return None
    last, now = track.joints[before], fragment.joints[0]
    size = max(float(np.ptp(last, axis=0).max()), float(np.ptp(now, axis=0).max()), 1e-9)
    distance = float(np.linalg.norm(last - now, axis=-1).mean()) / size
    return None if continued and not distance <= _REACH else distance


def _merged(first: BodyTrack, second: BodyTrack) -> BodyTrack:
    frames = np.concatenate([first.frames, second.frames])
    order = np.argsort(frames, kind='stable')
    return BodyTrack(frames[order], np.concatenate([first.joints, second.joints])[order])


def drop_noise(tracks: Sequence[BodyTrack], vertical: int = 1) -> list[BodyTrack]:
    """Drop tracks that are not persons, as long as another one remains.

    UNIK's release keeps them all; the data sets' authors and later code drop them, as does this function.

    Args:
        tracks: All tracks.
        vertical: Channel of the height; channel 0 is the breadth.

    Returns:
        The others, in the same order.
    """
    rules: tuple[Callable[[BodyTrack], bool], ...] = (_too_short, partial(_too_broad, vertical=vertical))
    kept = list(tracks)
    for is_noise in rules:
        kept = [track for track in kept if not is_noise(track)] or kept
    return kept


def _too_short(track: BodyTrack) -> bool:
    return int(_there(track.joints).sum()) < _LEAST_FRAMES


def _too_broad(track: BodyTrack, vertical: int) -> bool:
    there = track.joints[_there(track.joints)]
    if not len(there):
        return True
    extent = np.ptp(there, axis=1)
    return bool(np.mean(extent[:, 0] > _BROADEST * extent[:, vertical]) >= _BROAD_SHARE)


def most_active_persons(persons: Sequence[np.ndarray] | np.ndarray, count: int) -> np.ndarray:
    """Indices of the persons whose coordinates deviate most, by falling deviation.

    The deviation of a person is that of the official feeders (Shi et al., 2s-AGCN): over the frames in which
    the person is present, the standard deviation of all values of each channel, summed over the channels.

    Args:
        persons: (T, V, C) of each, zeros where a person is absent; or an array (M, T, V, C).
        count: Number of persons to keep.

    Returns:
        Indices [min(M, count)]; for an array, ``persons[indices]`` are the persons and ``score[indices]``
        their scores.
    """
    deviations = [
        there.std(axis=(0, 1)).sum() if len(there := person[_there(person)]) else 0.0 for person in persons
    ]
    return np.argsort(-np.array(deviations), kind='stable')[:count]


def _there(person: np.ndarray) -> np.ndarray:
    return np.any(person != 0, axis=(1, 2))


def to_array(tracks: Sequence[BodyTrack], frames: int) -> np.ndarray:
    """Tracks as (M, T, V, C), zeros where a body is absent."""
    out = np.zeros((len(tracks), frames, *tracks[0].joints.shape[1:]), np.float32)
    for slot, track in zip(out, tracks):
        slot[track.frames] = track.joints
    return out


def choose_persons(tracks: Sequence[BodyTrack], frames: int, count: int, denoise: bool = True) -> np.ndarray:
    """The persons of a clip: fragments joined, noise dropped, the most active kept.

    Fragments that continue one another are joined first, so that a person whose id flickers is not mistaken
    for noise; after the noise is dropped, tracks that are never present together are joined.

    Args:
        tracks: One for every id in the recording.
        frames: Frames T of the clip.
        count: Maximum number of persons kept.
        denoise: Drop bodies that are not persons.

    Returns:
        (M, T, V, C), by falling activity.
    """
    tracks = join_tracks(tracks, continued=True)
    if denoise:
        tracks = drop_noise(tracks)
    tracks = join_tracks(tracks)
    kept = most_active_persons([track.joints for track in tracks], count)
    return to_array([tracks[i] for i in kept], frames)
