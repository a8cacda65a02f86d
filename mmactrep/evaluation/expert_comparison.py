"""Pose experts, and SST-A of them, against each other where no truth is known (thesis 3.6.1).

Distances are in body lengths (``body_length``). Where a body has none, SST-A's share of the diagonal of the
box around it is taken instead (Eq. 3.4).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from mmactrep.arguments import printable
from mmactrep.errors import InferenceError
from mmactrep.pose.aggregation.sst_a import BOX_SHARE
from mmactrep.pose.estimator import PoseEstimator, map_frames
from mmactrep.pose.experts.base import PoseExpert
from mmactrep.pose.tracking.association import AssociationSettings, affinity, assign, associate
from mmactrep.pose.tracking.similarity import joint_sigmas
from mmactrep.structures import SkeletonLayout
from mmactrep.structures.body_length import body_length
from mmactrep.structures.poses import FramePoses, PoseTrack

AGGREGATE = 'SST-A'


@dataclass
class Mean:
    """A mean that grows."""

    total: float = 0.0
    count: int = 0

    def add(self, values: np.ndarray) -> None:
        """Add numbers; those that are not known (nan) do not count."""
        known = values[~np.isnan(values)]
        self.total, self.count = self.total + float(known.sum()), self.count + known.size

    @property
    def value(self) -> float:
        """The mean; nan of nothing."""
        return self.total / self.count if self.count else float('nan')


@dataclass
class MethodFigures:
    """What is measured of one expert, or of SST-A.

    Attributes:
        persons: Frames by the number of persons in them.
        missing: Share of the joints of the persons that are missing, of those that the method can give.
        change: Distance that a joint moves from one frame to the next, in body lengths.
        jitter: Distance of a joint from the mean of its places in the frames before and after, in body
            lengths: 0 for even motion.
    """

    persons: dict[int, int] = field(default_factory=dict)
    missing: Mean = field(default_factory=Mean)
    change: Mean = field(default_factory=Mean)
    jitter: Mean = field(default_factory=Mean)

    def share(self, least: int, most: float | None = None) -> float:
        """Share of the frames with ``least`` persons; with ``most``, with ``least`` to ``most``."""
        most = least if most is None else most
        inside = sum(frames for count, frames in self.persons.items() if least <= count <= most)
        frames = sum(self.persons.values())
        return inside / frames if frames else float('nan')


class ExpertComparison:
    """Adds up the figures of several methods over videos.

    Args:
        names: The methods.
        layout: Layout of their joints.
        possible: (E, V) bool, the joints that each method can give.
        normalizer: Definition of the body length, see
            :func:`~mmactrep.structures.body_length.body_length`.

    Attributes:
        notes: What the experts say of each video.
    """

    def __init__(
        self,
        names: Sequence[str],
        layout: SkeletonLayout,
        possible: np.ndarray,
        normalizer: str = 'head_neck',
    ) -> None:
        self.names, self.layout, self.normalizer = list(names), layout, normalizer
        self.possible = np.asarray(possible, bool)
        self.figures = [MethodFigures() for _ in self.names]
        self.distance = [[Mean() for _ in self.names] for _ in self.names]
        self.num_frames = self.num_videos = 0
        self.notes: list[str] = []

    def add(self, methods: Sequence[Sequence[FramePoses]]) -> None:
        """Add a video: the persons that each method found in each frame, in the common layout."""
        counts = {len(frames) for frames in methods}
        if len(counts) != 1 or len(methods) != len(self.names):
            raise ValueError(f'expected {len(self.names)} methods with equally many frames, found {counts}')
        self.num_videos += 1
        self.num_frames += counts.pop()
        for figures, frames, possible in zip(self.figures, methods, self.possible):
            for poses in frames:
                figures.persons[len(poses)] = figures.persons.get(len(poses), 0) + 1
                figures.missing.add((poses.score[:, possible] <= 0).astype(float).reshape(-1))
            change, jitter = movement(frames, self.layout, self.normalizer)
            figures.change.add(change)
            figures.jitter.add(jitter)
        sigmas = joint_sigmas(self.layout)
        for proposals in zip(*methods):
            for group in associate(proposals, sigmas):
                self._compare(proposals, group)

    def _compare(self, proposals: Sequence[FramePoses], group: np.ndarray) -> None:
        """Distances between the methods that saw one person."""
        there = [method for method, person in enumerate(group) if person >= 0]
        for i, a in enumerate(there):
            for b in there[i + 1 :]:
                apart = distances(
                    proposals[a].take([group[a]]), proposals[b].take([group[b]]), self.layout, self.normalizer
                )
                self.distance[a][b].add(apart)
                self.distance[b][a].add(apart)

    def to_dict(self) -> dict:
        """All figures in plain containers; what is not known is None."""
        return dict(
            videos=self.num_videos,
            frames=self.num_frames,
            layout=self.layout.name,
            normalizer=self.normalizer,
            methods={
                name: dict(
                    persons={str(count): figures.persons[count] for count in sorted(figures.persons)},
                    missing=_known(figures.missing),
                    change=_known(figures.change),
                    jitter=_known(figures.jitter),
                    distance={other: _known(mean) for other, mean in zip(self.names, row) if other != name},
                )
                for name, figures, row in zip(self.names, self.figures, self.distance)
            },
        )

    def table(self) -> str:
        """The figures as a table in Markdown."""
        head = ['', '0', '1', '2', '3 or more', 'joints missing', 'change', 'jitter']
        rows = [[*head, *(f'to {name}' for name in self.names)], ['---'] * (len(head) + len(self.names))]
        for number, (name, figures) in enumerate(zip(self.names, self.figures)):
            shares = [figures.share(0), figures.share(1), figures.share(2), figures.share(3, np.inf)]
            moves = [figures.change.value, figures.jitter.value]
            apart = [mean.value for mean in self.distance[number]]
            rows.append(
                [
                    name,
                    *(f'{100 * share:.0f} %' for share in shares),
                    f'{100 * figures.missing.value:.1f} %' if figures.missing.count else '',
                    *('' if np.isnan(value) else f'{value:.3f}' for value in moves),
                    *('' if np.isnan(value) else f'{value:.2f}' for value in apart),
                ]
            )
        return '\n'.join('| ' + ' | '.join(row) + ' |' for row in rows)


def body_lengths(poses: FramePoses, layout: SkeletonLayout, normalizer: str) -> np.ndarray:
    """(P,) length of every person: measured, or a share of the box around the joints; nan without either."""
    measured = body_length(poses.keypoint, poses.score, layout, normalizer)
    boxes = BOX_SHARE[normalizer] * body_length(poses.keypoint, poses.score, layout, 'box')
    length = np.where(np.isnan(measured), boxes, measured)
    return np.where(length > 0, length, np.nan)


def distances(
    a: FramePoses, b: FramePoses, layout: SkeletonLayout, normalizer: str = 'head_neck'
) -> np.ndarray:
    """(P, V) distance of the joints of P persons by two methods, in the mean of both body lengths.

    nan where either lacks the joint.
    """
    length = (body_lengths(a, layout, normalizer) + body_lengths(b, layout, normalizer)) / 2
    both = (a.score > 0) & (b.score > 0)
    return np.where(both, _norm(a.keypoint - b.keypoint) / length[:, None], np.nan)


def movement(
    frames: Sequence[FramePoses], layout: SkeletonLayout, normalizer: str = 'head_neck'
) -> tuple[np.ndarray, np.ndarray]:
    """How joints move in a video: changes from frame to frame, and distances from even motion.

    Persons of adjacent frames are the same where their keypoint similarity says so, one to one.

    Args:
        frames: The persons of consecutive frames.
        layout: Layout of the joints.
        normalizer: Definition of the body length, measured in the later frame of two and the middle one of
            three.

    Returns:
        Changes (N,) and jitter (K,) in body lengths, of the joints seen in two or three frames in a row.
    """
    sigmas, settings = joint_sigmas(layout), AssociationSettings()
    changes, jitters = [np.zeros(0)], [np.zeros(0)]
    earlier: dict[int, int] = {}  # person of the last frame to that of the frame before
    for number in range(1, len(frames)):
        last, now = frames[number - 1], frames[number]
        links: dict[int, int] = {}
        if len(last) and len(now):
            alike = affinity(last, now, sigmas, settings.min_common, settings.min_iou)
            pairs = assign(alike, settings.min_similarity)
            links = {new: old for old, new in pairs}
        length_now, length_last = (body_lengths(poses, layout, normalizer) for poses in (now, last))
        for new, old in links.items():
            seen = (now.score[new] > 0) & (last.score[old] > 0)
            step = now.keypoint[new] - last.keypoint[old]
            changes.append(_norm(step)[seen] / length_now[new])
            if old in earlier:
                first = frames[number - 2]
                seen &= first.score[earlier[old]] > 0
                middle = (now.keypoint[new] + first.keypoint[earlier[old]]) / 2
                jitters.append(_norm(last.keypoint[old] - middle)[seen] / length_last[old])
        earlier = links
    return np.concatenate(changes), np.concatenate(jitters)


class RecordedExpert(PoseExpert):
    """Keeps what another expert found in the current video.

    Attributes:
        found: The persons of each frame so far, in the expert's layout.
    """

    def __init__(self, expert: PoseExpert) -> None:
        self.expert, self.name, self.threaded = expert, expert.name, expert.threaded
        self.found: list[FramePoses] = []

    @property
    def layout(self) -> SkeletonLayout:
        return self.expert.layout

    def start(self, source: str | None = None) -> None:
        self.found = []
        self.expert.start(source)

    def predict(self, frames: Sequence[np.ndarray], first: int = 0) -> list[FramePoses]:
        found = self.expert.predict(frames, first)
        self.found += found
        return found

    def notes(self) -> list[str]:
        return self.expert.notes()

    def close(self) -> None:
        self.expert.close()


def compare_experts(
    experts: Sequence[PoseExpert],
    videos: Iterable[tuple[str | None, Iterable[Sequence[np.ndarray]]]],
    layout: SkeletonLayout,
    normalizer: str = 'head_neck',
) -> ExpertComparison:
    """Run experts and SST-A over videos and compare them.

    SST-A is what :class:`PoseEstimator` finds, without filling gaps.

    Args:
        experts: At least two.
        videos: For each, its path or name, and its frames in batches.
        layout: Layout to which all joints are mapped.
        normalizer: Definition of the body length, also for SST-A.

    Raises:
        InferenceError: If there are fewer than two experts.
    """
    if len(experts) < 2:
        raise InferenceError(f'expected at least two experts to compare, found {len(experts)}')
    recorded = [RecordedExpert(expert) for expert in experts]
    estimator = PoseEstimator(recorded, layout, normalizer=normalizer, fill_gap=0)
    names = [name for name in estimator.timings if name != 'aggregation']
    comparison = None
    for source, batches in videos:
        estimator.start(source)
        for frames in batches:
            estimator.update(frames)
        mappings = [
            None if expert.layout == layout else expert.layout.mapping_to(layout, allow_missing=True)
            for expert in recorded
        ]
        if comparison is None:
            every = np.ones(layout.num_joints, bool)
            possible = [every if each is None else each.weights.any(axis=(0, 2)) for each in mappings]
            possible = np.array([*possible, np.any(possible, axis=0)])
            comparison = ExpertComparison([*names, AGGREGATE], layout, possible, normalizer)
        found = [map_frames(expert.found, mapping) for expert, mapping in zip(recorded, mappings)]
        found.append(frames_of(estimator.finish(), estimator.num_frames, layout))
        comparison.add(found)
        comparison.notes += [f'{printable(str(source))}: {note}' for note in estimator.notes()]
    if comparison is None:
        raise InferenceError('expected at least one video, found none')
    return comparison


def frames_of(tracks: Sequence[PoseTrack], num_frames: int, layout: SkeletonLayout) -> list[FramePoses]:
    """The persons of each frame of a video from their tracks."""
    found = []
    for frame in range(num_frames):
        poses = [pose for track in tracks if (pose := track.at(frame)) is not None]
        found.append(
            FramePoses(np.stack([pose.keypoint for pose in poses]), np.stack([pose.score for pose in poses]))
            if poses
            else FramePoses.empty(layout.num_joints)
        )
    return found


def _norm(vectors: np.ndarray) -> np.ndarray:
    return np.sqrt(np.square(vectors.astype(np.float64)).sum(axis=-1))


def _known(mean: Mean) -> float | None:
    return mean.value if mean.count else None
