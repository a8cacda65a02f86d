"""Following persons with an estimator that sees one person in a crop."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from mmactrep.pose.tracking.similarity import joint_sigmas, keypoint_similarity
from mmactrep.structures import SkeletonLayout
from mmactrep.structures.poses import FramePoses

from .movenet_poses import Square
from .person_finder import PersonFinder
from .person_search import Pose

# Searches in a row that may miss a person who is followed: a finder misses some who are there.
_MISSES = 2


class CropEstimator(Protocol):
    """Interface of the estimators of :class:`PersonFollower`.

    Attributes:
        layout: Layout of the joints of its poses.
    """

    layout: SkeletonLayout

    def around(self, pose: Pose, layout: SkeletonLayout) -> Square:
        """Where to look for a person whose joints another estimator found, in ``layout``."""

    def __call__(self, frame: np.ndarray, square: Square) -> tuple[Pose, Square] | None:
        """The person in a square of a frame (H, W, 3), in the frame's pixels, and where to look next."""


@dataclass(eq=False)
class _Followed:
    pose: Pose
    square: Square
    missed: int = 0  # searches in a row that did not find this person


class PersonFollower:
    """Follows persons from frame to frame, each in a crop that moves with them.

    The finder says where persons are whom nobody follows yet: in the first frame, every ``search_every``
    frames, and whenever a person was lost. A person whom it found must be seen in the crop with a similar
    pose, and one whom two searches in a row did not find is let go. Two who end at the same person are told
    apart by who moved less; the other is looked for anew.

    Args:
        estimator: Finds the person in a crop.
        finder: Finds all persons.
        max_persons: Number of persons that are followed.
        search_every: Frames between searches; 1 searches every frame.
        min_seen: Joints that must be seen of a person.
        same: Least object keypoint similarity of two poses that are one person.
        like: The same between finder and estimator for a new person, whose joints they define differently.
        keep: Follow persons; if off, all are found anew in every frame.
    """

    def __init__(
        self,
        estimator: CropEstimator,
        finder: PersonFinder,
        max_persons: int = 6,
        search_every: int = 5,
        min_seen: int = 5,
        same: float = 0.5,
        like: float = 0.2,
        keep: bool = True,
    ) -> None:
        if max_persons < 1 or search_every < 1:
            raise ValueError(f'max_persons and search_every start at 1, found {max_persons}, {search_every}')
        self.estimator, self.finder = estimator, finder
        self.max_persons, self.search_every, self.min_seen = max_persons, search_every, min_seen
        self.same, self.like, self.keep = same, like, keep
        self._sigmas = joint_sigmas(finder.layout)
        same_layout = estimator.layout == finder.layout
        self._mapping = (
            None if same_layout else estimator.layout.mapping_to(finder.layout, allow_missing=True)
        )
        self.start()

    def start(self) -> None:
        """Begin a new video."""
        self._known: list[_Followed] = []
        self._frame = 0

    def __call__(self, frame: np.ndarray) -> FramePoses:
        """The persons of the next frame (H, W, 3) uint8, RGB."""
        before = self._known if self.keep else []
        found = self._follow(frame, before)
        lost = len(found) < len(before)
        due = not found or lost or self._frame % self.search_every == 0
        if due:
            found = self._search(frame, found)
        self._known, self._frame = found, self._frame + 1
        if not found:
            return FramePoses.empty(self.estimator.layout.num_joints)
        return FramePoses(
            np.stack([each.pose.keypoint for each in found]), np.stack([each.pose.score for each in found])
        )

    def _follow(self, frame: np.ndarray, before: list[_Followed]) -> list[_Followed]:
        """The persons of the last frame who are seen again."""
        again = []
        for rank, each in enumerate(before):
            result = self.estimator(frame, each.square)
            if result is not None and self._is_person(result[0]):
                now = _Followed(*result, each.missed)
                again.append((self._likeness(each.pose, now.pose), rank, now))
        kept: list[tuple[int, _Followed]] = []
        for _, rank, each in sorted(again, key=lambda row: (-row[0], row[1])):
            if not self._is_one_of(each.pose, [other for _, other in kept]):
                kept.append((rank, each))
        return [each for _, each in sorted(kept, key=lambda row: row[0])]

    def _search(self, frame: np.ndarray, found: list[_Followed]) -> list[_Followed]:
        """Those of ``found`` who are still there, and persons whom nobody follows yet."""
        seen = self.finder(frame, thorough=True)
        candidates = [Pose(keypoint, score) for keypoint, score in zip(seen.keypoint, seen.score)]
        alike = np.array(
            [[self._alike(self._mapped(each.pose), candidate) for candidate in candidates] for each in found]
        ).reshape(len(found), len(candidates))
        for each, row in zip(found, alike):
            each.missed = 0 if row.max(initial=0) >= self.like / 2 else each.missed + 1
        kept = [each for each in found if each.missed < _MISSES]
        taken = alike.max(axis=0, initial=0) >= self.same
        for candidate in itertools.compress(candidates, ~taken):
            if len(kept) >= self.max_persons:
                break
            result = self.estimator(frame, self.estimator.around(candidate, self.finder.layout))
            if (
                result is not None
                and self._is_person(result[0])
                and self._alike(self._mapped(result[0]), candidate) >= self.like
                and not self._is_one_of(result[0], kept)
            ):
                kept.append(_Followed(*result))
        return kept

    def _is_person(self, pose: Pose) -> bool:
        return np.count_nonzero(pose.score > 0) >= self.min_seen

    def _is_one_of(self, pose: Pose, found: list[_Followed]) -> bool:
        return any(self._likeness(pose, each.pose) >= self.same for each in found)

    def _likeness(self, first: Pose, second: Pose) -> float:
        return self._alike(self._mapped(first), self._mapped(second))

    def _mapped(self, pose: Pose) -> Pose:
        """A pose of the estimator in the finder's layout."""
        if self._mapping is None:
            return pose
        keypoint, score = self._mapping(pose.keypoint[None], pose.score[None])
        return Pose(keypoint[0], score[0])

    def _alike(self, first: Pose, second: Pose) -> float:
        rows = (array[None] for pose in (first, second) for array in (pose.keypoint, pose.score))
        return float(keypoint_similarity(*rows, self._sigmas)[0, 0])
