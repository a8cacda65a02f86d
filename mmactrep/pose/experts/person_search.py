"""Finding several persons with an estimator that finds one: where it looks, and whom to keep."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import cv2
import numpy as np

from mmactrep.pose.tracking.similarity import joint_sigmas, keypoint_similarity
from mmactrep.structures import SkeletonLayout
from mmactrep.structures.poses import FramePoses, boxes_around

from .search_windows import Window, hide, leaves, outline, search_windows, window_around

# Sides of the close-ups in which a new person must be found again, relative to the person's size, and the
# similarity required: in a crowd the narrower one shows them alone, elsewhere the wider suits estimators.
_CLOSE_UPS = (1.5, 2.5)
_CONFIRMED = 0.5


@dataclass(frozen=True, eq=False)
class Pose:
    """One person: joints (V, 2) in pixels and scores (V,), 0 where a joint is missing."""

    keypoint: np.ndarray
    score: np.ndarray

    @property
    def box(self) -> np.ndarray:
        """(4,) x1, y1, x2, y2 around the seen joints."""
        return boxes_around(self.keypoint, self.score)

    @property
    def outline(self) -> np.ndarray:
        """(K, 2) convex polygon around the seen joints, with some margin."""
        return outline(self.keypoint[self.score > 0])

    def shifted(self, x: float, y: float) -> Pose:
        """The pose moved by a number of pixels."""
        return Pose(self.keypoint + np.float32([x, y]), self.score)


def mirrored(
    keypoint: np.ndarray, score: np.ndarray, width: int, layout: SkeletonLayout
) -> tuple[np.ndarray, np.ndarray]:
    """Poses (..., V, 2) and scores (..., V) after mirroring a picture of that width left to right.

    Mirroring also swaps the sides of the body.
    """
    order = list(layout.flip_order)
    keypoint = keypoint[..., order, :].copy()
    keypoint[..., 0] = width - 1 - keypoint[..., 0]
    return keypoint, score[..., order]


class SinglePersonEstimator(Protocol):
    """Interface of the estimators of :class:`PersonSearch`."""

    def __call__(self, picture: np.ndarray) -> Pose | None:
        """The most prominent person in a picture (H, W, 3), in its pixels, or None."""

    def forget(self) -> None:
        """Stop following a person: the next picture is searched from scratch."""

    def close(self) -> None:
        """Release its resources."""


def same_person(first: Pose, second: Pose, sigmas: np.ndarray, least: float = 0.3) -> bool:
    """Whether two poses in one picture are the same person, by their object keypoint similarity.

    Args:
        first, second: Poses in the same layout.
        sigmas: (V,) deviations of the joints, see :func:`~mmactrep.pose.tracking.similarity.joint_sigmas`.
        least: Minimum similarity of the same person.
    """
    rows = (array[None] for pose in (first, second) for array in (pose.keypoint, pose.score))
    return float(keypoint_similarity(*rows, sigmas)[0, 0]) >= least


def is_plausible(
    pose: Pose, layout: SkeletonLayout, height: int, min_torso: float = 0.03, min_seen: int = 6
) -> bool:
    """Whether joints look like a person rather than something mistaken for one.

    Args:
        pose: Joints and scores; a score of 0 is a missing joint.
        layout: Layout of the joints.
        height: Height of the frame in pixels.
        min_torso: Minimum distance from shoulders to hips relative to the height of the frame; if hips or
            shoulders are missing, minimum diagonal of the box.
        min_seen: Minimum number of seen joints among the 12 of limbs and trunk.

    Returns:
        Whether enough of the body is seen, including a shoulder, and its trunk is longer than ``min_torso``
        and not much shorter than it is wide.
    """

    def both(part: str) -> np.ndarray | None:
        joints = layout.indices([f'left_{part}', f'right_{part}'])
        seen = pose.score[joints] > 0
        return pose.keypoint[joints][seen] if seen.any() else None

    limbs = [
        f'{s}_{p}' for p in ('shoulder', 'elbow', 'wrist', 'hip', 'knee', 'ankle') for s in ('left', 'right')
    ]
    shoulders, hips = both('shoulder'), both('hip')
    if shoulders is None or np.count_nonzero(pose.score[layout.indices(limbs)] > 0) < min_seen:
        return False
    if hips is None:
        return float(np.hypot(*(pose.box[2:] - pose.box[:2]))) >= 2 * min_torso * height
    torso = float(np.linalg.norm(shoulders.mean(axis=0) - hips.mean(axis=0)))
    wide = max(
        (float(np.linalg.norm(pair[0] - pair[1])) for pair in (shoulders, hips) if len(pair) == 2), default=0
    )
    return torso >= min_torso * height and torso >= 0.5 * wide


@dataclass(eq=False)
class _Slot:
    """An estimator and the person it follows."""

    estimator: SinglePersonEstimator
    window: Window | None = None
    pose: Pose | None = None

    @property
    def alive(self) -> bool:
        return self.pose is not None

    def look(self, frame: np.ndarray, window: Window, hidden: Sequence[np.ndarray]) -> Pose | None:
        x1, y1, x2, y2 = window
        found = self.estimator(hide(frame[y1:y2, x1:x2], [polygon - (x1, y1) for polygon in hidden]))
        return None if found is None else found.shifted(x1, y1)

    def forget(self) -> None:
        self.estimator.forget()
        self.pose = None


@dataclass(eq=False)
class PersonSearch:
    """Finds several persons in consecutive frames with an estimator that finds one, one slot per person.

    A slot that follows a person looks through the window in which it found them. A lost person is looked for
    at once, around their last position, and every ``search_every`` frames a free slot looks through one more
    window, with the known persons hidden. Implausible and duplicate skeletons are dropped.

    Args:
        make_estimator: Makes the estimator of one slot.
        layout: Layout of the estimator's joints.
        max_persons: Number of slots.
        search_every: Frames between searches for further persons.
        follows: Whether the estimator uses the last frame. If not, one estimator serves all slots, and the
            persons already found are hidden from it in every frame.
        same: Minimum keypoint similarity of two poses of the same person.
        make_checker: Makes an estimator that does not follow. If given, it must find a new person again in a
            mirrored close-up, which hardly ever happens with something mistaken for a person.
    """

    make_estimator: Callable[[], SinglePersonEstimator]
    layout: SkeletonLayout
    max_persons: int = 2
    search_every: int = 5
    follows: bool = True
    same: float = 0.3
    make_checker: Callable[[], SinglePersonEstimator] | None = None
    _slots: list[_Slot] = field(default_factory=list, init=False)
    _frame: int = field(default=0, init=False)
    _turn: int = field(default=0, init=False)
    _checker: SinglePersonEstimator | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self._sigmas = joint_sigmas(self.layout)

    def start(self) -> None:
        """Begin a new video.

        Estimators that follow are created anew: state from the last video (filters, clocks) would make the
        result depend on the order of the videos. Those that do not follow have no state.
        """
        if self.follows:
            for slot in self._slots:
                slot.estimator.close()
            self._slots.clear()
        for slot in self._slots:
            slot.forget()
        self._frame = self._turn = 0

    def close(self) -> None:
        """Release the estimators."""
        estimators = [slot.estimator for slot in self._slots]
        estimators += [self._checker] if self._checker is not None else []
        for estimator in {id(each): each for each in estimators}.values():
            estimator.close()
        self._slots.clear()
        self._checker = None

    def __call__(self, frame: np.ndarray) -> FramePoses:
        """The persons of the next frame (H, W, 3)."""
        height, width = frame.shape[:2]
        found = self._follow(frame)
        windows = search_windows(height, width)
        if len(found) < self.max_persons:
            if not found:
                self._search(frame, windows[:1], found)
            if self._frame == 0:
                self._search(frame, windows, found)
            elif self._frame % self.search_every == 0:
                self._search(frame, [windows[self._turn % len(windows)]], found)
                self._turn += 1
        self._frame += 1
        if not found:
            return FramePoses.empty(self.layout.num_joints)
        return FramePoses(
            np.stack([slot.pose.keypoint for slot in found]), np.stack([slot.pose.score for slot in found])
        )

    def _follow(self, frame: np.ndarray) -> list[_Slot]:
        """Find the persons of the last frame again."""
        height, width = frame.shape[:2]
        found: list[_Slot] = []
        for slot in [slot for slot in self._slots if slot.alive]:
            last = slot.pose
            known = [other.pose.outline for other in found]
            pose = slot.look(frame, slot.window, [] if self.follows else known)
            if not self._is_person(pose, found, height):
                slot.forget()
                around = window_around(last.box, height, width)
                pose = slot.look(frame, around, known)
                slot.window = around
                if not self._is_person(pose, found, height):
                    slot.forget()
                    continue
            slot.pose = pose
            found.append(slot)
            if leaves(pose.box, slot.window, height, width):
                slot.estimator.forget()
                slot.window = window_around(pose.box, height, width)
        return found

    def _search(self, frame: np.ndarray, windows: Sequence[Window], found: list[_Slot]) -> None:
        """Fill free slots with persons seen through the windows; adds to ``found``."""
        height = len(frame)
        for window in windows:
            if len(found) >= self.max_persons:
                return
            slot = self._free_slot()
            known = [other.pose.outline for other in found]
            pose = slot.look(frame, window, known)
            if self._is_person(pose, found, height) and self._is_confirmed(frame, pose, known):
                slot.pose, slot.window = pose, window
                found.append(slot)
            elif pose is not None:
                slot.forget()

    def _is_confirmed(self, frame: np.ndarray, pose: Pose, known: Sequence[np.ndarray]) -> bool:
        """Whether a new person is found again, with a similar pose, in a mirrored close-up."""
        if self.make_checker is None:
            return True
        if self._checker is None:
            self._checker = self._slots[0].estimator if not self.follows else self.make_checker()
        for margin in _CLOSE_UPS:
            x1, y1, x2, y2 = window_around(pose.box, *frame.shape[:2], margin)
            closer = hide(frame[y1:y2, x1:x2], [polygon - (x1, y1) for polygon in known])
            again = self._checker(cv2.flip(closer, 1))
            if again is not None:
                again = Pose(*mirrored(again.keypoint, again.score, x2 - x1, self.layout)).shifted(x1, y1)
                if same_person(pose, again, self._sigmas, _CONFIRMED):
                    return True
        return False

    def _is_person(self, pose: Pose | None, found: Sequence[_Slot], height: int) -> bool:
        if pose is None or not is_plausible(pose, self.layout, height):
            return False
        others = [slot.pose for slot in found]
        return not any(same_person(pose, other, self._sigmas, self.same) for other in others)

    def _free_slot(self) -> _Slot:
        for slot in self._slots:
            if not slot.alive:
                return slot
        shared = not self.follows and self._slots
        self._slots.append(_Slot(self._slots[0].estimator if shared else self.make_estimator()))
        return self._slots[-1]
