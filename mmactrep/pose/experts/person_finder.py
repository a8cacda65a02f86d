"""Finding all persons of a frame, for experts that see one person in a crop."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from mmactrep.pose.tracking.association import assign
from mmactrep.pose.tracking.similarity import joint_sigmas, keypoint_similarity
from mmactrep.structures import SkeletonLayout, get_layout
from mmactrep.structures.poses import FramePoses, boxes_around

from .frame_cache import FrameCache
from .movenet_model import MoveNet
from .movenet_poses import fit, read_persons
from .search_windows import Window

# With so many persons there may be more than the network gives, or it gives the large ones.
_CROWD = 4
# Share of the network's picture that the frame takes where it is shown with a margin.
_CLOSE_UP = 0.4
# Least extent of a person in it, in shares of the frame's shorter side.
_LARGE = 0.6

# Joints (P, V, 2) in pixels, their scores (P, V), and the persons' scores (P,).
Look = tuple[np.ndarray, np.ndarray, np.ndarray]


class PersonFinder(Protocol):
    """Interface of what finds persons for :class:`~mmactrep.pose.experts.person_follower.PersonFollower`.

    Attributes:
        layout: Layout of the joints.
        frames: What is shared about frames.
    """

    layout: SkeletonLayout
    frames: FrameCache

    def __call__(self, frame: np.ndarray, thorough: bool = False) -> FramePoses:
        """The persons of a frame (H, W, 3) uint8, RGB, best first.

        Args:
            frame: The picture.
            thorough: Look more than once, for those who were missed.
        """


class MultiposeFinder:
    """MoveNet multipose: up to six persons at a look.

    A thorough search looks at the frame in two sizes, because the network takes two who hold each other for
    one person where they are large; once with a wide margin, in which those whom the frame cuts off could be
    whole, as the network expects them; and in a crowd at both halves of the frame, for more than six. Persons
    found twice are kept once. A result is kept with its frame, so that the experts that share a
    finder search a frame once.

    Args:
        size: Pixels of the longer side of the network's picture: with more, smaller persons are found, and
            the time grows with its square.
        small: The same for the second size of a thorough search; the network was trained for 256.
        min_person: Persons with a lower score are left out.
        min_score: Joints with a lower score are missing.
        max_overlap: Of two persons more similar than this (object keypoint similarity), the better is kept.
        path: File of the network. Default: in the folders for weights.
        num_threads: Threads of one run.

    Raises:
        ExpertUnavailableError: If the network's file or onnxruntime is missing.
        ValueError: If an argument is out of range.
    """

    layout = get_layout('coco17')

    def __init__(
        self,
        size: int = 384,
        small: int = 256,
        min_person: float = 0.15,
        min_score: float = 0.15,
        max_overlap: float = 0.7,
        path: str | None = None,
        num_threads: int = 1,
    ) -> None:
        for name, value in dict(size=size, small=small).items():
            if not 64 <= value <= 2048:
                raise ValueError(f'{name} is 64 to 2048 pixels, found {value}')
        for name, value in dict(min_person=min_person, min_score=min_score).items():
            if not 0 < value < 1:
                raise ValueError(f'{name} is between 0 and 1, found {value}')
        self.size, self.small = size, small
        self.min_person, self.min_score, self.max_overlap = min_person, min_score, max_overlap
        self.frames = FrameCache()
        self._network = MoveNet('multipose', path, num_threads)
        self._sigmas = joint_sigmas(self.layout)

    def __call__(self, frame: np.ndarray, thorough: bool = False) -> FramePoses:
        if not thorough:
            return self._merged([self._whole(frame, self.size)])
        return self.frames(frame, (self.size, self.small, 'all'), lambda: self._find_all(frame))

    def _find_all(self, frame: np.ndarray) -> FramePoses:
        looks = [self._whole(frame, self.size)]
        if self.small != self.size:
            looks.append(self._whole(frame, self.small))
        looks.append(self._cut_off(frame))
        if len(self._merged(looks)) >= _CROWD:
            looks += [self._look(frame, window, self.size) for window in halves(*frame.shape[:2])]
        return self._merged(looks)

    def _cut_off(self, frame: np.ndarray) -> Look:
        """Persons too large for the frame: the smaller ones of this look are seen better without a margin."""
        keypoint, score, quality = self._look(frame, (0, 0, *frame.shape[1::-1]), self.small, _CLOSE_UP)
        box = boxes_around(keypoint, score)
        large = (box[:, 2:] - box[:, :2]).max(axis=1, initial=0) >= _LARGE * min(frame.shape[:2])
        return keypoint[large], score[large], quality[large]

    def _merged(self, looks: list[Look]) -> FramePoses:
        keypoint, score, quality = looks[0]
        for more in looks[1:]:
            new = newcomers((keypoint, score), more[:2], self._sigmas, self.max_overlap)
            keypoint, score, quality = (
                np.concatenate([old, added[new]]) for old, added in zip((keypoint, score, quality), more)
            )
        order = np.argsort(-quality, kind='stable')
        everybody = FramePoses(keypoint[order], score[order])
        return everybody.take(distinct(everybody, self._sigmas, self.max_overlap))

    def _whole(self, frame: np.ndarray, size: int) -> Look:
        window = (0, 0, *frame.shape[1::-1])
        return self.frames(frame, (size, 'whole'), lambda: self._look(frame, window, size))

    def _look(self, frame: np.ndarray, window: Window, size: int, share: float = 1.0) -> Look:
        """Joints, their scores, and the persons' scores in a window of the frame."""
        x1, y1, x2, y2 = window
        picture, factor = self.frames.halved(frame, size)
        part = picture[y1 // factor : -(-y2 // factor), x1 // factor : -(-x2 // factor)]
        padded, scale, margin = fit(part, size, share)
        poses, scores = read_persons(
            self._network(padded),
            padded.shape[:2],
            scale / factor,
            (y2 - y1, x2 - x1),
            self.min_person,
            self.min_score,
            margin,
        )
        corner = np.float32([x1 // factor * factor, y1 // factor * factor])
        return poses.keypoint + corner, poses.score, scores


def halves(height: int, width: int, share: float = 0.6) -> list[Window]:
    """Two windows x1, y1, x2, y2 that cover a frame along its longer side and overlap in its middle."""
    part = round(share * max(height, width))
    if width >= height:
        return [(0, 0, part, height), (width - part, 0, width, height)]
    return [(0, 0, width, part), (0, height - part, width, height)]


def make_finder(finder: PersonFinder | dict | str, num_threads: int = 1) -> PersonFinder:
    """A finder from its name, ``'multipose'``, from the arguments of :class:`MultiposeFinder`, or as given.

    Raises:
        ValueError: If there is no finder of that name.
        ExpertUnavailableError: If it lacks its network.
    """
    if isinstance(finder, str):
        if finder != 'multipose':
            raise ValueError(f"finder is 'multipose' or a dictionary of its arguments, found {finder!r}")
        finder = {}
    if isinstance(finder, dict):
        return MultiposeFinder(**(dict(num_threads=num_threads) | finder))
    return finder


def newcomers(
    known: tuple[np.ndarray, np.ndarray],
    seen: tuple[np.ndarray, np.ndarray],
    sigmas: np.ndarray,
    most: float,
    least: float = 0.2,
) -> list[int]:
    """Persons of one look at a frame whom another look did not see.

    Each known person accounts for the one most like them, so that of two who hold each other, whom one look
    took for one, the second counts as new.

    Args:
        known: Joints (P, V, 2) and scores (P, V).
        seen: The same for Q persons.
        sigmas: (V,) deviations of the joints.
        most: Maximum keypoint similarity to a known person.
        least: Minimum similarity of one person in two looks.

    Returns:
        Their numbers in ``seen``.
    """
    similarity = keypoint_similarity(*known, *seen, sigmas)
    matched = {column for _, column in assign(similarity, least)}
    nearest = similarity.max(axis=0, initial=0)
    return [person for person in range(len(seen[0])) if person not in matched and nearest[person] <= most]


def distinct(poses: FramePoses, sigmas: np.ndarray, most: float) -> list[int]:
    """Persons that are not too similar to a better one.

    Args:
        poses: Persons, best first.
        sigmas: (V,) deviations of the joints.
        most: Maximum keypoint similarity of two persons.

    Returns:
        Their numbers in ``poses``.
    """
    similarity = keypoint_similarity(poses.keypoint, poses.score, poses.keypoint, poses.score, sigmas)
    kept: list[int] = []
    for person in range(len(poses)):
        if all(similarity[person, other] <= most for other in kept):
            kept.append(person)
    return kept
