"""Real-world conditions on laboratory videos: low resolution and occlusion (thesis 3.6.1).

And what they do to simulated experts: a joint behind an obstacle is missed by those that look for joints, and
guessed by those that know where joints of a body usually are.
"""

from __future__ import annotations

import cv2
import numpy as np

from mmactrep.pose.experts.simulation import Failure, Poses, SimulatedExpert, drop_joints, mislocate
from mmactrep.structures import SkeletonLayout
from mmactrep.structures.body_length import body_length

# Behind an obstacle: what a bottom-up estimator misses, what a top-down one misplaces.
_MISSED, _MISPLACED = Failure(0.8, 15), Failure(0.5, 10)


def lower_resolution(frame: np.ndarray, factor: int) -> np.ndarray:
    """A picture (H, W, 3) uint8 as a camera with ``factor`` times fewer pixels a side sees it, same size."""
    height, width = frame.shape[:2]
    small = (max(1, round(width / factor)), max(1, round(height / factor)))
    small = cv2.resize(frame, small, interpolation=cv2.INTER_AREA)
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)


def draw_obstacle(keypoint: np.ndarray, score: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A rectangle (4,) x1, y1, x2, y2 in front of a part of a person throughout a clip.

    It is 40 to 80 % as wide and 20 to 40 % as high as the extent of the joints (T, V, 2) of the whole clip,
    somewhere within it.
    """
    points = np.asarray(keypoint, np.float64)[np.asarray(score) > 0]
    low, high = points.min(axis=0), points.max(axis=0)
    size = (high - low) * rng.uniform((0.4, 0.2), (0.8, 0.4))
    corner = low + (high - low - size) * rng.random(2)
    return np.concatenate([corner, corner + size])


def cover(frame: np.ndarray, box: np.ndarray, shade: int) -> np.ndarray:
    """A picture (H, W, 3) with a rectangle x1, y1, x2, y2 of one gray over it."""
    x1, y1, x2, y2 = np.clip(np.round(box).astype(int), 0, (*frame.shape[1::-1], *frame.shape[1::-1]))
    frame = frame.copy()
    frame[y1:y2, x1:x2] = shade
    return frame


def propose_behind(
    expert: SimulatedExpert,
    proposal: Poses,
    truth: np.ndarray,
    score: np.ndarray,
    box: np.ndarray,
    layout: SkeletonLayout,
    rng: np.random.Generator,
) -> Poses:
    """What an expert proposes for joints behind an obstacle.

    Args:
        expert: Experts that guess misplace such joints in half of the frames; the others miss four of five.
        proposal: Its coordinates (T, V, 2) and confidences (T, V) without the obstacle.
        truth: (T, V, 2) true skeletons.
        score: (T, V), 0 where the truth lacks a joint.
        box: (4,) the obstacle, x1, y1, x2, y2.
        layout: Layout of the joints.
        rng: Generator.
    """
    keypoint, seen = proposal
    hidden = ((truth >= box[:2]) & (truth <= box[2:])).all(axis=-1)
    if expert.guesses:
        head = float(np.nanmedian(body_length(truth, score, layout)))
        moved = mislocate(keypoint.astype(np.float64), head, expert.reach, _MISPLACED, rng)
        moved = np.where((seen > 0)[..., None], moved, 0)
        return np.where(hidden[..., None], moved, keypoint).astype(np.float32), seen
    seen = np.where(hidden, drop_joints(seen, _MISSED, rng), seen).astype(np.float32)
    return np.where((seen > 0)[..., None], keypoint, 0).astype(np.float32), seen
