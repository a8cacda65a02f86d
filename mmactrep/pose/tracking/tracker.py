"""Linking the persons of consecutive frames into tracks, one frame at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mmactrep.structures.poses import FramePoses

from .association import affinity, assign, concatenate


@dataclass(frozen=True)
class TrackingSettings:
    """When a person is the same as in an earlier frame.

    Args:
        max_gap: Frames for which no expert may see a person before the track ends.
        min_similarity: Minimum keypoint similarity to the track's last pose. A lower one means a cut, or
            another person.
        min_hits: With one expert, frames in which a new person must be seen, unless it is there when the
            video starts. Frames seen before that belong to the track.
        min_lone_hits: The same for several experts if only one of them sees the person; two that agree
            confirm it at once. A false person of an expert may last for some frames, as experts track too.
        min_common: Number of common joints below which boxes decide.
        min_iou: Minimum intersection over union of boxes if they decide.
        max_growth: A person not seen for n frames may have moved: the area that scales distances grows
            n-fold, as the variance of a random walk does, up to this factor.
    """

    max_gap: int = 15
    min_similarity: float = 0.2
    min_hits: int = 3
    min_lone_hits: int = 15
    min_common: int = 3
    min_iou: float = 0.4
    max_growth: float = 4.0


class Track:
    """A person being followed.

    Attributes:
        key: Number among all candidates, including those that never become a track.
        number: Number among the tracks; None until the track is confirmed.
        first: Frame in which it was first seen.
        last: Frame in which it was last seen.
        hits: Frames in which it was seen.
        pose: Its last pose, one person: the aggregate once :meth:`see` was called.
        state: Whatever the aggregation carries from frame to frame.
    """

    def __init__(self, key: int, frame: int, pose: FramePoses) -> None:
        self.key = key
        self.number: int | None = None
        self.first = frame
        self.last = frame
        self.hits = 0
        self.pose = pose
        self.state: object | None = None

    @property
    def confirmed(self) -> bool:
        """Whether it counts as a person."""
        return self.number is not None

    def see(self, keypoint: np.ndarray, score: np.ndarray) -> None:
        """Set the pose (V, 2), (V,) of the current frame, with which the next frame is compared."""
        if (score > 0).any():
            self.pose = FramePoses(keypoint[None], score[None])


class Tracker:
    """Online tracking by keypoint similarity.

    Each frame's groups are assigned to the tracks by the similarity of the track's last aggregate to the
    nearest member of the group; a remaining group that is similar to a track joins that track's group if they
    have no expert in common. A track whose person comes back within ``max_gap`` frames continues. At a cut no
    similarity reaches the bound, so that all tracks end and new ones begin.

    Args:
        sigmas: (V,), see :func:`~mmactrep.pose.tracking.similarity.joint_sigmas`.
        settings: Bounds.
    """

    def __init__(self, sigmas: np.ndarray, settings: TrackingSettings | None = None) -> None:
        self.sigmas = sigmas
        self.settings = settings or TrackingSettings()
        self.tracks: list[Track] = []
        self._keys = 0
        self._numbers = 0
        self._start: int | None = None

    def step(
        self, frame: int, proposals: Sequence[FramePoses], groups: np.ndarray
    ) -> tuple[list[tuple[Track, np.ndarray]], list[Track]]:
        """Process the next frame.

        Args:
            frame: Its number; frames come in ascending order.
            proposals: E experts' persons.
            groups: (G, E) from :func:`~mmactrep.pose.tracking.association.associate`.

        Returns:
            The tracks seen, each with its members (E,): the index of the person in every expert's
            proposals, -1 if an expert has none; and the tracks that ended. The caller sets the aggregated
            pose of each track with :meth:`Track.see` before the next frame.
        """
        self._start = frame if self._start is None else self._start
        ended = self._end_lost(frame)
        if not len(groups):
            return [], ended
        similarity = self._similarity(frame, proposals, groups)
        pairs = assign(similarity, self.settings.min_similarity)
        groups, pairs, free = self._join(similarity, groups, pairs)
        found = [(self.tracks[row], groups[group]) for row, group in pairs]
        for group in free:
            expert = int(np.argmax(groups[group] >= 0))
            pose = proposals[expert].take([groups[group, expert]])
            self.tracks.append(Track(self._keys, frame, pose))
            self._keys += 1
            found.append((self.tracks[-1], groups[group]))
        for track, members in found:
            track.last = frame
            track.hits += 1
            self._confirm(track, members)
        return found, ended

    def _join(
        self, similarity: np.ndarray, groups: np.ndarray, pairs: list[tuple[int, int]]
    ) -> tuple[np.ndarray, list[tuple[int, int]], list[int]]:
        """Join groups that are one person according to a track.

        Two experts may disagree so much in a frame that association separates them. If both are similar to
        one track, and no other track claims the second, it is not a new person but another proposal of the
        first.

        Returns:
            The groups, the pairs (track, group), and the groups that are new persons.
        """
        groups = groups.copy()
        of_track = dict(pairs)
        taken = set(of_track.values())
        free = []
        for group in range(len(groups)):
            if group in taken:
                continue
            for row in np.argsort(-similarity[:, group], kind='stable'):
                other = of_track.get(int(row))
                if similarity[row, group] < self.settings.min_similarity or other is None:
                    continue
                if not ((groups[other] >= 0) & (groups[group] >= 0)).any():
                    groups[other] = np.maximum(groups[other], groups[group])
                    break
            else:
                free.append(group)
        return groups, pairs, free

    def _end_lost(self, frame: int) -> list[Track]:
        """Remove and return the tracks whose gap has become too long."""
        lost = []
        for track in self.tracks:
            allowed = self.settings.max_gap if track.confirmed else min(1, self.settings.max_gap)
            if frame - track.last - 1 > allowed:
                lost.append(track)
        if lost:
            self.tracks = [track for track in self.tracks if track not in lost]
        return lost

    def _similarity(self, frame: int, proposals: Sequence[FramePoses], groups: np.ndarray) -> np.ndarray:
        """Similarity (tracks, G) of each track's last pose to the nearest member of each group."""
        if not self.tracks:
            return np.zeros((0, len(groups)))
        rows, experts = np.nonzero(groups >= 0)
        members = concatenate([proposals[e].take([groups[g, e]]) for g, e in zip(rows, experts)])
        gaps = np.array([frame - track.last for track in self.tracks], np.float64)
        alike = affinity(
            concatenate([track.pose for track in self.tracks]),
            members,
            self.sigmas,
            self.settings.min_common,
            self.settings.min_iou,
            growth=np.minimum(gaps, self.settings.max_growth),
        )
        return np.stack([alike[:, rows == group].max(axis=1) for group in range(len(groups))], axis=1)

    def _confirm(self, track: Track, members: np.ndarray) -> None:
        needed = self.settings.min_hits if len(members) == 1 else self.settings.min_lone_hits
        agreed = (members >= 0).sum() >= 2
        sure = agreed or track.first == self._start or track.hits >= needed
        if sure and not track.confirmed:
            track.number = self._numbers
            self._numbers += 1
