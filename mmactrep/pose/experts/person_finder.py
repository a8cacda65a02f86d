"""Finding all persons of a frame, for experts that see one person in a crop."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from mmactrep.pose.tracking.similarity import joint_sigmas, keypoint_similarity
from mmactrep.structures import SkeletonLayout, get_layout
from mmactrep.structures.poses import FramePoses

from .frame_cache import FrameCache
from .movenet_model import MoveNet
from .movenet_poses import fit, read_persons

#: Persons that the network gives at once.
_AT_ONCE = 6


class PersonFinder(Protocol):
    """Interface of what finds persons for :class:`~mmactrep.pose.experts.person_follower.PersonFollower`.

    Attributes:
        layout: Layout of the joints.
        frames: What is shared about frames.
    """

    layout: SkeletonLayout
    frames: FrameCache

    def __call__(self, frame: np.ndarray) -> FramePoses:
        """The persons of a frame (H, W, 3) uint8, RGB, best first."""


class MultiposeFinder:
    """MoveNet multipose: up to six persons at once.

    Where six are found there may be more: then both halves of the frame, which overlap, are searched too, and
    persons that were found twice are kept once. A result is kept with its frame, so that the experts that
    share a finder search a frame once.

    Args:
        size: Pixels of the longer side of the network's picture: with more, smaller persons are found, and
            the time grows with its square. The network was trained for 256.
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
        min_person: float = 0.15,
        min_score: float = 0.15,
        max_overlap: float = 0.6,
        path: str | None = None,
        num_threads: int = 1,
    ) -> None:
        if not 64 <= size <= 2048:
            raise ValueError(f'size is 64 to 2048 pixels, found {size}')
        for name, value in dict(min_person=min_person, min_score=min_score).items():
            if not 0 < value < 1:
                raise ValueError(f'{name} is between 0 and 1, found {value}')
        self.size, self.min_person, self.min_score = size, min_person, min_score
        self.max_overlap = max_overlap
        self.frames = FrameCache()
        self._network = MoveNet('multipose', path, num_threads)
        self._sigmas = joint_sigmas(self.layout)

    def __call__(self, frame: np.ndarray) -> FramePoses:
        return self.frames(frame, (self.size, 'persons'), lambda: self._find(frame))

    def _find(self, frame: np.ndarray) -> FramePoses:
        poses, scores, full = self._look(frame, 0, 0, *frame.shape[1::-1])
        parts = [(poses, scores)]
        if full:
            height, width = frame.shape[:2]
            part = round(0.6 * max(height, width))
            windows = (
                [(0, 0, part, height), (width - part, 0, width, height)]
                if width >= height
                else [(0, 0, width, part), (0, height - part, width, height)]
            )
            parts += [self._look(frame, *window)[:2] for window in windows]
        keypoint, score, quality = (
            np.concatenate(values)
            for values in zip(*((poses.keypoint, poses.score, scores) for poses, scores in parts))
        )
        order = np.argsort(-quality, kind='stable')
        everybody = FramePoses(keypoint[order], score[order])
        return everybody.take(distinct(everybody, self._sigmas, self.max_overlap))

    def _look(
        self, frame: np.ndarray, x1: int, y1: int, x2: int, y2: int
    ) -> tuple[FramePoses, np.ndarray, bool]:
        """Persons in a window of the frame, their scores, and whether there may be more than were given."""
        picture, factor = self.frames.halved(frame, self.size)
        window = picture[y1 // factor : -(-y2 // factor), x1 // factor : -(-x2 // factor)]
        padded, scale = fit(window, self.size)
        output = self._network(padded)
        shape = (y2 - y1, x2 - x1)
        poses, scores = read_persons(
            output, padded.shape[:2], scale / factor, shape, self.min_person, self.min_score
        )
        keypoint = np.where(poses.score[..., None] > 0, poses.keypoint + np.float32([x1, y1]), np.float32(0))
        return FramePoses(keypoint, poses.score), scores, len(scores) == _AT_ONCE


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
