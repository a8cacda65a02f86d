"""Several persons from an estimator that finds one: windows to look through, and who is kept.

Pure functions on boxes and poses, and :class:`PersonSearch`, which applies them from frame to frame.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from mmactrep.structures import SkeletonLayout

from ..structures import FramePoses, boxes_around

Window = tuple[int, int, int, int]


@dataclass(frozen=True, eq=False)
class Pose:
    """One person: joints (V, 2) in pixels and scores (V,), 0 where a joint is missing."""

    keypoint: np.ndarray
    score: np.ndarray

    @property
    def box(self) -> np.ndarray:
        """(4,) x1, y1, x2, y2 around the joints seen."""
        return boxes_around(self.keypoint, self.score)

    def shifted(self, x: float, y: float) -> Pose:
        """The pose moved by some pixels."""
        return Pose(self.keypoint + np.float32([x, y]), self.score)


class SinglePersonEstimator(Protocol):
    """What :class:`PersonSearch` asks of an estimator."""

    def __call__(self, picture: np.ndarray) -> Pose | None:
        """The most prominent person of a picture (H, W, 3), in its pixels, or nobody."""

    def forget(self) -> None:
        """Stop following a person: the next picture is searched anew."""

    def close(self) -> None:
        """Release what it holds."""


def search_windows(height: int, width: int, share: float = 0.6) -> list[Window]:
    """Where to look for a person: the whole frame, then overlapping squares for those who are small in it.

    Args:
        height, width: Of the frame, pixels.
        share: Side of a square over the shorter side of the frame; neighbours overlap by a half or more.

    Returns:
        Windows x1, y1, x2, y2, the middle row before those above and below it.
    """
    side = max(1, round(share * min(height, width)))

    def starts(length: int) -> list[int]:
        count = 1 + int(np.ceil((length - side) / (side / 2)))
        return sorted(
            np.linspace(0, length - side, count).astype(int).tolist(),
            key=lambda at: abs(2 * at + side - length),
        )

    squares = [(x, y, x + side, y + side) for y in starts(height) for x in starts(width)]
    return [(0, 0, width, height), *squares]


def window_around(box: Sequence[float], height: int, width: int, margin: float = 3.0) -> Window:
    """A square around a box, ``margin`` times its longer side, moved and cut to lie in the frame."""
    x1, y1, x2, y2 = (float(value) for value in box)
    side = margin * max(x2 - x1, y2 - y1, 1.0)

    def span(middle: float, length: int) -> tuple[int, int]:
        extent = min(side, length)
        start = min(max(middle - extent / 2, 0), length - extent)
        return int(start), int(np.ceil(start + extent))

    (left, right), (top, bottom) = span((x1 + x2) / 2, width), span((y1 + y2) / 2, height)
    return left, top, min(right, width), min(bottom, height)


def leaves(box: Sequence[float], window: Window, height: int, width: int, margin: float = 0.05) -> bool:
    """Whether a box comes near an edge of its window that is no edge of the frame."""
    x1, y1, x2, y2 = window
    pad_x, pad_y = margin * (x2 - x1), margin * (y2 - y1)
    return bool(
        (x1 > 0 and box[0] < x1 + pad_x)
        or (y1 > 0 and box[1] < y1 + pad_y)
        or (x2 < width and box[2] > x2 - pad_x)
        or (y2 < height and box[3] > y2 - pad_y)
    )


def hide(picture: np.ndarray, boxes: Sequence[Sequence[float]], grow: float = 0.1) -> np.ndarray:
    """A copy of the picture (H, W, 3) with boxes, grown on each side, painted in its mean colour."""
    if not len(boxes):
        return picture
    out = picture.copy()
    # every eighth pixel gives the mean well enough
    colour = picture[::8, ::8].mean(axis=(0, 1)).astype(picture.dtype)
    for x1, y1, x2, y2 in np.asarray(boxes, np.float64):
        pad_x, pad_y = grow * (x2 - x1), grow * (y2 - y1)
        top, left = max(0, int(y1 - pad_y)), max(0, int(x1 - pad_x))
        out[top : max(0, int(np.ceil(y2 + pad_y))), left : max(0, int(np.ceil(x2 + pad_x)))] = colour
    return out


def keypoint_similarity(first: Pose, second: Pose, spread: float = 0.15) -> float:
    """How much two poses are one person: the mean over joints seen in both of exp(-d² / (2 (spread·s)²)).

    It is COCO's object keypoint similarity with one spread for all joints; s is the square root of the
    smaller box's area, d a distance in pixels.

    Returns:
        Between 0 and 1; 0 where no joint is seen in both.
    """
    both = (first.score > 0) & (second.score > 0)
    if not both.any():
        return 0.0
    size = min(np.prod(pose.box[2:] - pose.box[:2]) for pose in (first, second))
    distance = np.sum((first.keypoint[both] - second.keypoint[both]) ** 2, axis=-1)
    return float(np.mean(np.exp(-distance / (2 * spread**2 * max(size, 1.0)))))


def covered(box: Sequence[float], others: Sequence[Sequence[float]]) -> float:
    """Largest share of a box's area that lies in one of the others."""
    best, (x1, y1, x2, y2) = 0.0, box
    area = max((x2 - x1) * (y2 - y1), 1e-6)
    for left, top, right, bottom in others:
        wide, high = min(x2, right) - max(x1, left), min(y2, bottom) - max(y1, top)
        best = max(best, max(wide, 0) * max(high, 0) / area)
    return best


def is_plausible(
    pose: Pose, layout: SkeletonLayout, height: int, min_torso: float = 0.03, min_seen: int = 6
) -> bool:
    """Whether joints look like a person rather than like something mistaken for one.

    Args:
        pose: Joints and scores; a score of 0 is a missing joint.
        layout: Layout of the joints.
        height: Of the frame, pixels.
        min_torso: Least distance from shoulders to hips over the height of the frame; where hips or
            shoulders are missing, least diagonal of the box.
        min_seen: Least number of the joints of limbs and trunk that are seen, of 12.

    Returns:
        Whether enough of the body is seen, a shoulder among it, and its trunk is longer than ``min_torso``
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
        shift = np.array([x1, y1, x1, y1])
        found = self.estimator(hide(frame[y1:y2, x1:x2], [box - shift for box in hidden]))
        return None if found is None else found.shifted(x1, y1)

    def forget(self) -> None:
        self.estimator.forget()
        self.pose = None


@dataclass(eq=False)
class PersonSearch:
    """Persons of consecutive frames from an estimator that finds one, a slot a person.

    A slot that follows somebody looks through the window in which it found them. Who is lost is looked for at
    once, around where they were, and every ``search_every`` frames a free slot looks through one window
    more, with the persons known hidden. What is implausible or a second skeleton on a person is dropped.

    Args:
        make_estimator: Makes the estimator of one slot.
        accept: Of a pose and the frame's height, whether it may be a person.
        max_persons: Number of slots.
        search_every: Frames from one search for further persons to the next.
        follows: Whether the estimator uses the last frame. If not, one serves all slots, and the persons
            found before are hidden from it in every frame.
        same: Keypoint similarity from which two poses are one person.
        min_new_score: Least mean score of the joints seen of somebody who is new.
    """

    make_estimator: Callable[[], SinglePersonEstimator]
    accept: Callable[[Pose, int], bool]
    max_persons: int = 2
    search_every: int = 5
    follows: bool = True
    same: float = 0.3
    min_new_score: float = 0.6
    _slots: list[_Slot] = field(default_factory=list, init=False)
    _frame: int = field(default=0, init=False)
    _turn: int = field(default=0, init=False)

    def start(self) -> None:
        """Begin a new video."""
        for slot in self._slots:
            slot.forget()
        self._frame = self._turn = 0

    def close(self) -> None:
        """Release the estimators."""
        for estimator in {id(slot.estimator): slot.estimator for slot in self._slots}.values():
            estimator.close()
        self._slots.clear()

    def __call__(self, frame: np.ndarray, num_joints: int) -> FramePoses:
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
            return FramePoses.empty(num_joints)
        return FramePoses(
            np.stack([slot.pose.keypoint for slot in found]), np.stack([slot.pose.score for slot in found])
        )

    def _follow(self, frame: np.ndarray) -> list[_Slot]:
        """Where those of the last frame are now."""
        height, width = frame.shape[:2]
        found: list[_Slot] = []
        for slot in [slot for slot in self._slots if slot.alive]:
            last = slot.pose
            known = [other.pose.box for other in found]
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
            pose = slot.look(frame, window, [other.pose.box for other in found])
            if self._is_person(pose, found, height) and self._is_sure(pose):
                slot.pose, slot.window = pose, window
                found.append(slot)
            elif pose is not None:
                slot.forget()

    def _is_sure(self, pose: Pose) -> bool:
        return float(pose.score[pose.score > 0].mean()) >= self.min_new_score

    def _is_person(self, pose: Pose | None, found: Sequence[_Slot], height: int) -> bool:
        if pose is None or not self.accept(pose, height):
            return False
        return all(keypoint_similarity(pose, other.pose) < self.same for other in found) and (
            covered(pose.box, [other.pose.box for other in found]) < 0.8 or len(found) == 0
        )

    def _free_slot(self) -> _Slot:
        for slot in self._slots:
            if not slot.alive:
                return slot
        shared = not self.follows and self._slots
        self._slots.append(_Slot(self._slots[0].estimator if shared else self.make_estimator()))
        return self._slots[-1]
