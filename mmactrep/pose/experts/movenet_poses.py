"""From frames to MoveNet's pictures and from its outputs to poses: pure functions."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from mmactrep.structures import SkeletonLayout
from mmactrep.structures.poses import FramePoses

_STEP = 32
# How far joints are from the hips, and by how much the crop is larger, as MoveNet's authors publish it.
_TORSO_FACTOR, _BODY_FACTOR = 1.9, 1.2


@dataclass(frozen=True)
class Square:
    """An upright or turned square in a frame.

    Args:
        x, y: Center in pixels; the center of the top left pixel is (0, 0).
        side: Length of a side in pixels.
        turn: Angle in radians by which it is turned clockwise, as seen on the screen.
    """

    x: float
    y: float
    side: float
    turn: float = 0.0


def fit(picture: np.ndarray, longer: int, share: float = 1.0) -> tuple[np.ndarray, float, tuple[int, int]]:
    """Scale a picture to fit, and pad it at the right and bottom with zeros, or on all sides.

    Args:
        picture: (H, W, 3).
        longer: Pixels of the longer side of the result, a square if there is a margin.
        share: Share of it that the picture takes; with less than 1 it is in the middle of a margin.

    Returns:
        The picture with sides that are multiples of 32, the factor of its scale, and the (x, y) of its top
        left corner.
    """
    height, width = picture.shape[:2]
    scale = longer * share / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    scaled = cv2.resize(picture, size, interpolation=method)
    if share < 1:
        left, top = (longer - size[0]) // 2, (longer - size[1]) // 2
        right, bottom = longer - size[0] - left, longer - size[1] - top
    else:
        left, top, right, bottom = 0, 0, 0, 0
    right, bottom = right + -(left + size[0] + right) % _STEP, bottom + -(top + size[1] + bottom) % _STEP
    padded = cv2.copyMakeBorder(scaled, top, bottom, left, right, cv2.BORDER_CONSTANT, value=(0, 0, 0))
    return padded, scale, (left, top)


def cut(picture: np.ndarray, square: Square, size: int) -> np.ndarray:
    """The content of an upright square, scaled to (size, size, 3); zeros outside the picture."""
    height, width = picture.shape[:2]
    side = max(2, round(square.side))
    left, top = round(square.x - (side - 1) / 2), round(square.y - (side - 1) / 2)
    x1, y1, x2, y2 = max(left, 0), max(top, 0), min(left + side, width), min(top + side, height)
    if x1 >= x2 or y1 >= y2:
        return np.zeros((size, size, 3), np.uint8)
    borders = (y1 - top, top + side - y2, x1 - left, left + side - x2)
    inside = cv2.copyMakeBorder(picture[y1:y2, x1:x2], *borders, cv2.BORDER_CONSTANT, value=(0, 0, 0))
    return cv2.resize(inside, (size, size), interpolation=cv2.INTER_AREA if side > size else cv2.INTER_LINEAR)


def joints_in_square(
    output: np.ndarray, square: Square, shape: tuple[int, int], min_score: float
) -> tuple[np.ndarray, np.ndarray]:
    """Joints in pixels of the frame from those in shares of a crop that :func:`cut` made.

    Args:
        output: (17, 3) y, x, score.
        square: The crop.
        shape: (H, W) of the frame; joints outside are missing.
        min_score: Joints with a lower score are missing.

    Returns:
        Coordinates (17, 2) and scores (17,) float32.
    """
    side = max(2, round(square.side))
    corner = np.array([round(square.x - (side - 1) / 2), round(square.y - (side - 1) / 2)], np.float32)
    keypoint = output[:, 1::-1] * np.float32(side) + corner - np.float32(0.5)
    return keypoint, _seen(keypoint, output[:, 2], shape, min_score)


def read_persons(
    output: np.ndarray,
    padded: tuple[int, int],
    scale: float,
    shape: tuple[int, int],
    min_person: float,
    min_score: float,
    corner: tuple[int, int] = (0, 0),
) -> tuple[FramePoses, np.ndarray]:
    """The persons of multipose's output, best first.

    Args:
        output: (6, 56): 17 joints (y, x, score) in shares of the padded picture, box (ymin, xmin, ymax,
            xmax), score.
        padded: (H, W) of the picture that the network was given.
        scale: Factor by which the frame was scaled before the padding.
        shape: (H, W) of the frame.
        min_person: Persons with a lower score are left out.
        min_score: Joints with a lower score are missing.
        corner: (x, y) of the frame's top left corner in the padded picture.

    Returns:
        Poses, and the persons' scores (P,).
    """
    chosen = output[output[:, 55] >= min_person]
    chosen = chosen[np.argsort(-chosen[:, 55], kind='stable')]
    joints = chosen[:, :51].reshape(-1, 17, 3)
    inside = joints[..., 1::-1] * np.float32([padded[1], padded[0]]) - np.float32(corner)
    keypoint = inside / np.float32(scale) - np.float32(0.5)
    score = _seen(keypoint, joints[..., 2], shape, min_score)
    seen = (score > 0).any(axis=1)
    return FramePoses(keypoint[seen], score[seen]), chosen[seen, 55]


def _seen(keypoint: np.ndarray, score: np.ndarray, shape: tuple[int, int], least: float) -> np.ndarray:
    """Scores (..., V), 0 where a joint (..., V, 2) is unsure or outside the frame."""
    inside = ((keypoint > -1) & (keypoint < np.float32([shape[1], shape[0]]))).all(axis=-1)
    return np.where(inside & (score >= least), score, np.float32(0)).astype(np.float32)


def square_around(keypoint: np.ndarray, score: np.ndarray, layout: SkeletonLayout) -> Square:
    """The crop in which MoveNet is to look for a person again, as its authors follow a person.

    A square around the middle of the hips: 1.9 times as far as the farthest joint of the trunk, or 1.2 times
    as far as the farthest joint that is seen, whichever is more. Without hips, around the middle of the seen
    joints.

    Args:
        keypoint: (V, 2) pixels.
        score: (V,), 0 where a joint is missing.
        layout: Layout of the joints.
    """
    hips = layout.indices(['left_hip', 'right_hip'])
    trunk = layout.indices(['left_shoulder', 'right_shoulder', 'left_hip', 'right_hip'])
    seen = score > 0
    known = [joint for joint in hips if seen[joint]]
    if known:
        middle = keypoint[known].mean(axis=0)
    else:
        middle = (keypoint[seen].min(axis=0) + keypoint[seen].max(axis=0)) / 2
    trunk = [joint for joint in trunk if seen[joint]]
    reach = _BODY_FACTOR * np.abs(keypoint[seen] - middle).max(initial=1.0)
    if known and len(trunk):
        reach = max(reach, _TORSO_FACTOR * np.abs(keypoint[trunk] - middle).max())
    return Square(float(middle[0]), float(middle[1]), float(2 * reach))
