"""MoveNet as experts: multipose bottom-up, thunder and lightning top-down."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from mmactrep.registry import POSE_EXPERTS
from mmactrep.structures import SkeletonLayout, get_layout
from mmactrep.structures.poses import FramePoses

from .base import PoseExpert, UnknownExpertError
from .frame_cache import FrameCache
from .movenet_model import MODELS, MoveNet
from .movenet_poses import Square, cut, joints_in_square, square_around
from .person_finder import PersonFinder, make_finder
from .person_follower import PersonFollower
from .person_search import Pose

_LAYOUT = get_layout('coco17')
#: Joints that thunder and lightning see with a lower score are missing.
CROP_MIN_SCORE = 0.2


@POSE_EXPERTS.register_module()
class MoveNetExpert(PoseExpert):
    """MoveNet, which onnxruntime runs on a CPU; ``bash tools/get_movenet.sh`` gets its models.

    Multipose finds all persons of a frame at once, frame by frame. Thunder (accurate) and lightning (fast)
    see one person in a crop, which follows the last pose as MoveNet's authors do it; multipose finds the
    persons for them.

    Args:
        model: ``'multipose'``, ``'thunder'`` or ``'lightning'``.
        max_persons: Most persons of a frame.
        min_score: Joints with a lower score are missing. Default: 0.2 in a crop, 0.15 of multipose.
        size: Pixels of the longer side of multipose's picture, see
            :class:`~mmactrep.pose.experts.person_finder.MultiposeFinder`; those of crops are fixed.
        search_every: Frames between searches for further persons; not for multipose.
        finder: Finds the persons, see :func:`~mmactrep.pose.experts.person_finder.make_finder`; experts may
            share one.
        num_threads: Threads of one run of a network.
        name: Name for tables and pictures. Default: ``movenet-`` and the model.

    Raises:
        UnknownExpertError: If there is no such model.
        ExpertUnavailableError: If onnxruntime or a model's file is missing, or a file holds another network.
        ValueError: If an argument is out of range, or of no use for the model.
    """

    layout = _LAYOUT
    threaded = True

    def __init__(
        self,
        model: Literal['multipose', 'thunder', 'lightning'] = 'thunder',
        max_persons: int = 6,
        min_score: float | None = None,
        search_every: int = 5,
        finder: PersonFinder | dict | str = 'multipose',
        num_threads: int = 1,
        name: str | None = None,
        size: int | None = None,
    ) -> None:
        if model not in MODELS:
            raise UnknownExpertError(f"MoveNet has no model '{model}'; it has {', '.join(MODELS)}")
        if max_persons < 1:
            raise ValueError(f'max_persons starts at 1, found {max_persons}')
        if min_score is not None and not 0 < min_score < 1:
            raise ValueError(f'min_score is between 0 and 1, found {min_score}')
        if model == 'multipose':
            finder = _with_options(finder, size=size, min_score=min_score)
        elif size is not None:
            raise ValueError(
                f"size is an option of multipose: MoveNet {model}'s picture has {MODELS[model].size} pixels; "
                f'for the search of persons, finder=dict(size={size})'
            )
        self.name = name or f'movenet-{model}'
        self.max_persons = max_persons
        self.finder = make_finder(finder, num_threads)
        self._follower, self._last = None, 0
        if model != 'multipose':
            least = CROP_MIN_SCORE if min_score is None else min_score
            estimator = CropMoveNet(MoveNet(model, num_threads=num_threads), self.finder.frames, least)
            self._follower = PersonFollower(estimator, self.finder, max_persons, search_every)

    def start(self, source: str | None = None) -> None:
        self._last = 0
        if self._follower is not None:
            self._follower.start()

    def predict(self, frames: Sequence[np.ndarray], first: int = 0) -> list[FramePoses]:
        if self._follower is not None:
            return [self._follower(frame) for frame in frames]
        return [self._find(frame) for frame in frames]

    def _find(self, frame: np.ndarray) -> FramePoses:
        """Multipose's persons; whoever is missed since the last frame is looked for again."""
        found = self.finder(frame)
        if len(found) < self._last or not self._last:
            found = self.finder(frame, thorough=True)
        found = found.take(np.arange(min(len(found), self.max_persons)))
        self._last = len(found)
        return found


def _with_options(finder: PersonFinder | dict | str, **options: float | None) -> PersonFinder | dict | str:
    """The description of multipose's finder, with the options of the expert that are not None.

    Raises:
        ValueError: If the finder has one of them already, or is built.
    """
    given = {key: value for key, value in options.items() if value is not None}
    if not given:
        return finder
    if finder != 'multipose' and not isinstance(finder, dict):
        raise ValueError(
            f'{", ".join(given)}: the finder that was given is built already; give one or the other'
        )
    known = finder if isinstance(finder, dict) else {}
    twice = sorted(known.keys() & given.keys())
    if twice:
        raise ValueError(f'{", ".join(twice)} is given twice, to the expert and in its finder')
    return known | given


class CropMoveNet:
    """Thunder or lightning on crops; see :class:`~mmactrep.pose.experts.person_follower.CropEstimator`.

    Args:
        network: The network.
        frames: What is shared about frames.
        min_score: Joints with a lower score are missing.
    """

    layout = _LAYOUT

    def __init__(self, network: MoveNet, frames: FrameCache, min_score: float = CROP_MIN_SCORE) -> None:
        self.network, self.frames, self.min_score = network, frames, min_score

    def around(self, pose: Pose, layout: SkeletonLayout) -> Square:
        return square_around(pose.keypoint, pose.score, layout)

    def __call__(self, frame: np.ndarray, square: Square) -> tuple[Pose, Square] | None:
        # of a large crop a smaller picture shows as much, and is cut and scaled in a fraction of the time
        least = max(1.0, min(frame.shape[:2]) * self.network.size / square.side)
        picture, factor = self.frames.halved(frame, int(np.ceil(least)))
        shift = (factor - 1) / 2
        small = Square((square.x - shift) / factor, (square.y - shift) / factor, square.side / factor)
        output = self.network(cut(picture, small, self.network.size))
        shape = (frame.shape[0] // factor, frame.shape[1] // factor)
        keypoint, score = joints_in_square(output, small, shape, self.min_score)
        if not (score > 0).any():
            return None
        keypoint = np.where(score[:, None] > 0, keypoint * factor + np.float32(shift), np.float32(0))
        pose = Pose(np.clip(keypoint, 0, np.float32([frame.shape[1] - 1, frame.shape[0] - 1])), score)
        return pose, square_around(pose.keypoint, pose.score, self.layout)
