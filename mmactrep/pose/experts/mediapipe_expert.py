"""MediaPipe's pose solution as an expert."""

from __future__ import annotations

import functools
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import cv2
import numpy as np

from mmactrep import compat
from mmactrep.registry import POSE_EXPERTS
from mmactrep.structures import SkeletonLayout, get_layout
from mmactrep.structures.poses import FramePoses

from .base import ExpertUnavailableError, PoseExpert
from .blazepose_crops import BlazePoseCrops
from .person_finder import PersonFinder, make_finder
from .person_follower import PersonFollower
from .person_search import PersonSearch, Pose, mirrored

_MODELS = ('lite', 'full', 'heavy')
_INSTALL = 'pip install -c requirements/constraints.txt --no-deps -r requirements/mediapipe.txt'

Mode = Literal['tracking', 'single_frame', 'mirrored']


@POSE_EXPERTS.register_module()
class MediaPipeExpert(PoseExpert):
    """MediaPipe's BlazePose: 33 joints on a CPU, with its models inside the Python package.

    The three modes make different mistakes, which makes them three experts: tracking smooths over time and
    may lag or get stuck; single frames jitter but recover at once; a mirrored picture meets a different
    asymmetry of the network, and swaps the sides where the network is unsure of them.

    MediaPipe finds one person per picture. With a ``finder`` its network sees each person that it finds; else
    :class:`PersonSearch` looks for further ones.

    Args:
        mode: ``'tracking'`` follows a person from frame to frame, ``'single_frame'`` finds them anew in each,
            ``'mirrored'`` tracks in the mirrored picture; the result is mirrored back, with sides swapped.
        model_complexity: 1, the model in the package; 0 and 2 need their file next to it.
        max_persons: Maximum number of persons to look for. Default: 6 with a finder, else 2.
        search_every: Frames between searches for further persons.
        min_visibility: A joint with a lower visibility is missing. MediaPipe places every joint of a person,
            including those hidden or outside the frame; the default keeps the far arm of a person seen from
            the side and drops legs under a table.
        min_detection_confidence, min_tracking_confidence: MediaPipe's own thresholds; without a finder.
        finder: Finds the persons, whose crops MediaPipe's network then sees, each on its own, see
            :func:`~mmactrep.pose.experts.person_finder.make_finder`. Default: MediaPipe's detector, which
            finds one; :class:`PersonSearch` looks for more by hiding those who are known.
        name: Name for tables and pictures. Default: ``mediapipe`` with the mode.

    Raises:
        ExpertUnavailableError: If mediapipe or the model of ``model_complexity`` is not installed.
        ValueError: If an argument is out of range.
    """

    layout = get_layout('blazepose33')
    threaded = True

    def __init__(
        self,
        mode: Mode = 'tracking',
        model_complexity: int = 1,
        max_persons: int | None = None,
        search_every: int = 5,
        min_visibility: float = 0.3,
        min_detection_confidence: float = 0.5,
        min_tracking_confidence: float = 0.5,
        finder: PersonFinder | dict | str | None = None,
        name: str | None = None,
    ) -> None:
        names = dict(
            tracking='mediapipe', single_frame='mediapipe-single-frame', mirrored='mediapipe-mirrored'
        )
        if mode not in names:
            raise ValueError(f'mode must be one of {", ".join(names)}, found {mode!r}')
        if max_persons is None:
            max_persons = 2 if finder is None else 6
        if max_persons < 1 or search_every < 1:
            raise ValueError(f'max_persons and search_every start at 1, found {max_persons}, {search_every}')
        require_model(model_complexity)
        self.name = name or names[mode]
        self.mirrored = mode == 'mirrored'
        static = mode == 'single_frame'
        self.finder, self._search = None, None
        if finder is not None:
            self.name = name or f'{names[mode]}-crops'
            self.finder = make_finder(finder)
            self._crops = BlazePoseCrops(self.finder.frames, min_visibility, model_complexity, self.mirrored)
            self._follower = PersonFollower(
                self._crops, self.finder, max_persons, search_every, min_seen=6, like=0.3, keep=not static
            )
            return
        make = functools.partial(
            _BlazePose,
            min_visibility,
            model_complexity=model_complexity,
            min_detection_confidence=min_detection_confidence,
            min_tracking_confidence=min_tracking_confidence,
        )
        self._search = PersonSearch(
            functools.partial(make, static_image_mode=static),
            layout=self.layout,
            max_persons=max_persons,
            search_every=search_every,
            follows=not static,
            make_checker=functools.partial(make, static_image_mode=True),
        )

    def start(self, source: str | None = None) -> None:
        (self._search or self._follower).start()

    def predict(self, frames: Sequence[np.ndarray], first: int = 0) -> list[FramePoses]:
        return [self._predict(frame) for frame in frames]

    def close(self) -> None:
        (self._search or self._crops).close()

    def _predict(self, frame: np.ndarray) -> FramePoses:
        if self._search is None:
            return self._follower(frame)
        if not self.mirrored:
            return self._search(frame)
        return mirror_poses(self._search(cv2.flip(frame, 1)), frame.shape[1], self.layout)


def mirror_poses(poses: FramePoses, width: int, layout: SkeletonLayout) -> FramePoses:
    """Map poses (P, V, 2) in a mirrored picture to the picture itself.

    Args:
        poses: Poses found in the picture mirrored left to right.
        width: Width of the picture in pixels.
        layout: Layout of the joints, since the left hand in a mirror is the right one.
    """
    keypoint, score = mirrored(poses.keypoint, poses.score, width, layout)
    return FramePoses(keypoint, score)


def require_model(model_complexity: int) -> None:
    """Refuse a model that is not on this machine; MediaPipe would otherwise download it without asking.

    Raises:
        ExpertUnavailableError: If mediapipe is not installed, or the model's file is not in it.
        ValueError: If the complexity is not 0, 1 or 2.
    """
    if model_complexity not in range(len(_MODELS)):
        raise ValueError(f'model_complexity is 0, 1 or 2, found {model_complexity!r}')
    file = f'pose_landmark_{_MODELS[model_complexity]}.tflite'
    path = Path(_mediapipe().__file__).parent / 'modules' / 'pose_landmark' / file
    if not path.is_file():
        raise ExpertUnavailableError(
            f'model_complexity={model_complexity} needs {path}, which is not in the mediapipe package '
            f'(it carries the model of 1); get it from https://storage.googleapis.com/mediapipe-assets/{file}'
        )


def _mediapipe():
    """The package, imported on first use."""
    try:
        os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '2')
        import mediapipe
    except ImportError as error:
        raise ExpertUnavailableError(
            f'the expert needs the package mediapipe, which cannot be imported ({error}); '
            f'install it: {_INSTALL}'
        ) from error
    return mediapipe


class _BlazePose:
    """One instance of MediaPipe's pose graph, with landmarks as pixels and visibility as score."""

    def __init__(self, min_visibility: float, **options) -> None:
        self._min_visibility = min_visibility
        self._quiet = False
        self._follows = not options['static_image_mode']
        with compat.without_mediapipe_noise():
            self._graph = _mediapipe().solutions.pose.Pose(**options)

    def __call__(self, picture: np.ndarray) -> Pose | None:
        landmarks = self._process(np.ascontiguousarray(picture)).pose_landmarks
        if landmarks is None:
            return None
        height, width = picture.shape[:2]
        rows = np.array([(mark.x, mark.y, mark.visibility) for mark in landmarks.landmark], np.float32)
        inside = ((rows[:, :2] >= 0) & (rows[:, :2] < 1)).all(axis=-1)
        score = np.where(inside & (rows[:, 2] >= self._min_visibility), rows[:, 2], np.float32(0))
        size = np.float32([width, height])
        # MediaPipe's 0 and 1 are the edges of the picture, not the centers of its outer pixels
        return Pose(np.clip(rows[:, :2] * size - np.float32(0.5), 0, size - 1), score)

    def _process(self, picture: np.ndarray):
        if self._quiet:
            return self._graph.process(picture)
        with compat.without_mediapipe_noise():  # each model of a graph prints messages when it is first used
            result = self._graph.process(picture)
        self._quiet = result.pose_landmarks is not None
        return result

    def forget(self) -> None:
        # a black picture loses the person; Pose.reset reloads the models and takes five times as long
        if self._follows:
            self._process(np.zeros((64, 64, 3), np.uint8))

    def close(self) -> None:
        self._graph.close()
