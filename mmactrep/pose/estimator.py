"""Experts, association, tracking and aggregation combined: from frames to skeletons of tracked persons."""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait

import numpy as np

from mmactrep.structures import JointMapping, SkeletonLayout, get_layout
from mmactrep.structures.poses import FramePoses, PoseTrack, TrackedPose

from .aggregation.sst_a import THRESHOLD, aggregate
from .experts.base import PoseExpert
from .tracking.association import AssociationSettings, associate, concatenate
from .tracking.recorder import TrackRecorder
from .tracking.similarity import joint_sigmas
from .tracking.tracker import Track, Tracker, TrackingSettings
from .tracking.tracks import fill_gaps, trim


class PoseEstimator:
    """The pose system of the thesis (3.3.2, Fig. 3.3) for several persons, online or for a whole video.

    Every frame's proposals are associated with persons, the persons are linked to tracks, and each track is
    aggregated by SST-A as the frames arrive.

    >>> estimator = PoseEstimator(build_experts())
    >>> estimator.start('video.mp4')
    >>> for first, frames in VideoFrames('video.mp4').batches(16):
    ...     persons_of_each_frame = estimator.update(frames, first)
    >>> tracks = estimator.finish()

    Args:
        experts: At least one.
        layout: Layout of the result, or its name. The experts' joints are mapped to it; joints that an expert
            cannot give are missing.
        min_confidence: γ of Eq. 3.3. By default a pose below it is kept, as in the thesis's evaluation of
            poses (3.6.2), and recognizable by its ``confidence``: a gap would hurt recognition more.
        discard: Discard poses below γ: they become missing in the result. The aggregation continues from
            them. A pose that a single expert saw has no C (NaN) and is kept: the filter removes what experts
            disagree about, and here nobody disagrees. ``votes`` distinguishes such poses from the others.
        normalizer: D_normal of Eq. 3.4, see :func:`~mmactrep.pose.aggregation.sst_a.aggregate`.
        min_length: :meth:`finish` skips tracks seen in fewer frames.
        fill_gap: Longest run of frames for which :meth:`finish` interpolates a missing joint, see
            :func:`~mmactrep.pose.tracking.tracks.fill_gaps`. Joints whose score varies around an expert's
            threshold would otherwise flicker.
        online_only: Keep nothing for :meth:`finish`; for endless streams.
        association: Bounds of the association.
        tracking: Bounds of the tracking.

    Attributes:
        timings: Seconds since :meth:`start`: one entry per expert under its name (numbered if names repeat),
            and one named ``aggregation`` for association, tracking and SST-A. Experts that work side by side
            take longer each, and together less than the sum.
        num_frames: Frames since :meth:`start`.

    Raises:
        ValueError: If there is no expert.
    """

    def __init__(
        self,
        experts: Sequence[PoseExpert],
        layout: str | SkeletonLayout = 'coco17',
        *,
        min_confidence: float = THRESHOLD,
        discard: bool = False,
        normalizer: str = 'head_neck',
        min_length: int = 1,
        fill_gap: int = 5,
        online_only: bool = False,
        association: AssociationSettings | None = None,
        tracking: TrackingSettings | None = None,
    ) -> None:
        if not experts:
            raise ValueError('a pose estimator needs at least one expert')
        self.experts = list(experts)
        self.layout = get_layout(layout)
        self.min_confidence = min_confidence
        self.discard = discard
        self.normalizer = normalizer
        self.min_length = min_length
        self.fill_gap = fill_gap
        self.online_only = online_only
        self.association = association or AssociationSettings()
        self.tracking = tracking or TrackingSettings()
        self._names = _distinct([expert.name for expert in self.experts])
        self._sigmas = joint_sigmas(self.layout)
        self._recorder = TrackRecorder(self.layout.num_joints)
        self._pool: ThreadPoolExecutor | None = None
        self._begin()

    def __repr__(self) -> str:
        experts = ', '.join(self._names)
        return f'{type(self).__name__}({experts}: {self.layout.num_joints} joints of {self.layout.name})'

    def start(self, source: str | None = None) -> None:
        """Begin a new video; ``source`` is its path or address, if there is one."""
        for expert in self.experts:
            expert.start(source)
        self._begin()

    def update(self, frames: Sequence[np.ndarray], first: int | None = None) -> list[list[TrackedPose]]:
        """Process the next frames.

        Args:
            frames: Pictures (H, W, 3) uint8, RGB, of consecutive frames.
            first: Number of the first frame. Default: the next number. Numbers may jump ahead if frames were
                dropped.

        Returns:
            The persons of each frame, by track number, without persons whose track is not confirmed yet (see
            :class:`~mmactrep.pose.tracking.tracker.TrackingSettings`); :meth:`finish` includes those frames.

        Raises:
            ValueError: If a frame is not later than the last, or an expert does not answer for every frame.
        """
        first = self._next if first is None else first
        if first < self._next:
            raise ValueError(f'frame {first} comes after frame {self._next - 1}')
        proposals = list(zip(self.experts, self._propose(frames, first)))
        begin = time.perf_counter()
        mapped = [map_frames(found, self._mapping(expert)) for expert, found in proposals]
        result = [self._step(first + i, frame) for i, frame in enumerate(zip(*mapped))]
        self.timings['aggregation'] += time.perf_counter() - begin
        self.num_frames += len(frames)
        return result

    def finish(self) -> list[PoseTrack]:
        """End the video and return its tracks, by decreasing length and activity.

        Raises:
            RuntimeError: If the estimator is ``online_only``.
        """
        tracks = list(self.finished_tracks())
        self._recorder.close()
        return tracks

    def finished_tracks(self, start: int = 0, end: int | None = None) -> Iterator[PoseTrack]:
        """Like :meth:`finish`, but with one track at a time in memory; repeatable until the next start.

        Args:
            start: First frame.
            end: Frame after the last one; None for all. Tracks are cut there, but ranked as a whole.
        """
        if self.online_only:
            raise RuntimeError('the estimator is online_only, it keeps no tracks')
        self._end(self._tracker.tracks)
        self._tracker.tracks = []
        # a gap across the boundary is filled from both sides
        low, high = max(0, start - self.fill_gap), None if end is None else end + self.fill_gap
        for track in self._recorder.tracks(low, high, self.min_length):
            filled = fill_gaps(track, self.fill_gap)
            cut = trim(filled, start, filled.end if end is None else end)
            if cut is not None:
                yield cut

    def notes(self) -> list[str]:
        """What a user should know about the poses of this video; to be called after its last frame."""
        return [
            f'{name}: {note}' for name, expert in zip(self._names, self.experts) for note in expert.notes()
        ]

    def close(self) -> None:
        """Release what the experts and the estimator hold."""
        self._recorder.close()
        if self._pool is not None:
            self._pool.shutdown()
            self._pool = None
        for expert in self.experts:
            expert.close()

    def _begin(self) -> None:
        self._tracker = Tracker(self._sigmas, self.tracking)
        self._recorder.close()
        self._next = 0
        self._previous: int | None = None
        self.num_frames = 0
        self.timings = dict.fromkeys([*self._names, 'aggregation'], 0.0)

    def _propose(self, frames: Sequence[np.ndarray], first: int) -> list[list[FramePoses]]:
        """Every expert's proposals; those that may work in a thread work side by side."""
        threaded = [expert.threaded and len(self.experts) > 1 for expert in self.experts]
        if any(threaded) and self._pool is None:
            self._pool = ThreadPoolExecutor(sum(threaded), 'pose expert')
        futures = [
            self._pool.submit(self._ask, number, frames, first) if threaded[number] else None
            for number in range(len(self.experts))
        ]
        try:
            return [
                self._ask(number, frames, first) if future is None else future.result()
                for number, future in enumerate(futures)
            ]
        finally:
            wait([future for future in futures if future is not None])

    def _ask(self, number: int, frames: Sequence[np.ndarray], first: int) -> list[FramePoses]:
        name, expert = self._names[number], self.experts[number]
        begin = time.perf_counter()
        found = expert.predict(frames, first)
        if len(found) != len(frames):
            raise ValueError(f'expert {name} gave poses of {len(found)} frames, expected {len(frames)}')
        self.timings[name] += time.perf_counter() - begin
        return found

    def _mapping(self, expert: PoseExpert) -> JointMapping | None:
        if expert.layout == self.layout:
            return None
        return expert.layout.mapping_to(self.layout, allow_missing=True)

    def _step(self, frame: int, proposals: Sequence[FramePoses]) -> list[TrackedPose]:
        """Associate, track and aggregate one frame."""
        groups = associate(proposals, self._sigmas, self.association)
        last_seen = {track.key: track.last for track in self._tracker.tracks}
        found, ended = self._tracker.step(frame, proposals, groups)
        self._end(ended)
        poses = []
        for track, members in found:
            if last_seen.get(track.key) != self._previous:
                track.state = None  # found again: chosen as in the first frame
            pose = self._aggregate(track, frame, proposals, members)
            if track.confirmed:
                poses.append(pose)
        self._previous, self._next = frame, frame + 1
        return sorted(poses, key=lambda pose: pose.track)

    def _aggregate(
        self, track: Track, frame: int, proposals: Sequence[FramePoses], members: np.ndarray
    ) -> TrackedPose:
        """SST-A of one person in one frame, from the track's state."""
        if len(members) == 1:
            # a single expert: the aggregate is its proposal, and nobody agrees or disagrees
            poses, person = proposals[0], members[0]
            return self._note(track, frame, poses.keypoint[person], poses.score[person], math.nan, 1, True)
        joints = self.layout.num_joints
        keypoint = np.zeros((len(members), 1, joints, 2), np.float32)
        score = np.zeros((len(members), 1, joints), np.float32)
        for expert, person in enumerate(members):
            if person >= 0:
                keypoint[expert, 0] = proposals[expert].keypoint[person]
                score[expert, 0] = proposals[expert].score[person]
        result = aggregate(
            keypoint,
            score,
            self.layout,
            normalizer=self.normalizer,
            threshold=self.min_confidence,
            state=track.state,
        )
        track.state = result.state
        return self._note(
            track,
            frame,
            result.keypoint[0],
            result.score[0],
            float(result.confidence[0]),
            int(result.votes[0]),
            bool(result.kept[0]),
        )

    def _note(
        self,
        track: Track,
        frame: int,
        keypoint: np.ndarray,
        score: np.ndarray,
        confidence: float,
        votes: int,
        kept: bool,
    ) -> TrackedPose:
        """Record a track's pose in a frame."""
        track.see(keypoint, score)
        if self.discard and not kept:
            keypoint, score = np.zeros_like(keypoint), np.zeros_like(score)
        number = -1 if track.number is None else track.number
        pose = TrackedPose(number, frame, keypoint, score, confidence, votes)
        if not self.online_only:
            self._recorder.add(track.key, pose)
        return pose

    def _end(self, tracks: Sequence[Track]) -> None:
        for track in tracks:
            self._recorder.end(track.key, track.number)


def map_frames(frames: Sequence[FramePoses], mapping: JointMapping | None) -> list[FramePoses]:
    """Map the joints of many frames at once; None does not change them."""
    if mapping is None or not any(map(len, frames)):
        if mapping is None:
            return list(frames)
        return [FramePoses.empty(mapping.weights.shape[1]) for _ in frames]
    everybody = concatenate(frames).mapped(mapping)
    bounds = np.cumsum([0, *map(len, frames)])
    return [everybody.take(np.arange(start, end)) for start, end in itertools.pairwise(bounds)]


def _distinct(names: Sequence[str]) -> list[str]:
    """Names, numbered where they repeat."""
    return [
        name if names.count(name) == 1 else f'{name}-{names[: i + 1].count(name)}'
        for i, name in enumerate(names)
    ]
