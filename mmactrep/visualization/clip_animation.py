"""A clip of skeletons, with its video behind it if there is one, as a short animated picture."""

from __future__ import annotations

import io
from collections.abc import Sequence

import cv2
import numpy as np
from PIL import Image

from mmactrep.structures import SkeletonLayout

from .pose_overlay import cross_links
from .skeleton_drawing import SIDE_COLORS, draw_skeleton

_GROUND = 32
_MARGIN = 0.08


def animate_clip(
    keypoint: np.ndarray,
    score: np.ndarray,
    layout: SkeletonLayout,
    img_shape: tuple[int, int],
    frames: Sequence[np.ndarray] | None = None,
    size: int = 220,
    count: int = 16,
    fps: float = 8.0,
) -> bytes:
    """Draw a clip as an animated WebP, which browsers show without a script.

    Args:
        keypoint: (M, T, V, 2) pixels.
        score: (M, T, V), 0 where a joint is missing.
        layout: Layout of the joints.
        img_shape: (H, W) of the picture that coordinates belong to; (0, 0) if there is none.
        frames: T pictures (H, W, 3) uint8, RGB, behind the skeletons. Default: a plain ground.
        size: Height of the animation, pixels.
        count: Most pictures of it, evenly spaced over the clip.
        fps: Pictures per second.

    Returns:
        The file.
    """
    total = keypoint.shape[1]
    chosen = np.unique(np.linspace(0, total - 1, min(count, total)).round().astype(int))
    if frames is None:
        keypoint, shape = _in_view(keypoint, score, img_shape)
    else:
        shape = frames[0].shape[:2]
    factor = size / shape[0]
    width = max(2, round(shape[1] * factor))
    links = cross_links(layout)
    pictures = []
    for t in chosen.tolist():
        if frames is None:
            image = np.full((size, width, 3), _GROUND, np.uint8)
        else:
            image = cv2.resize(frames[t][..., ::-1], (width, size), interpolation=cv2.INTER_AREA)
            image = (image * 0.7).astype(np.uint8)
        for person in range(len(keypoint)):
            joints, seen = keypoint[person, t] * np.float32(factor), score[person, t]
            for left, right in links:
                if min(seen[left], seen[right]) > 0:
                    ends = [tuple(np.round(joints[each]).astype(int).tolist()) for each in (left, right)]
                    cv2.line(image, *ends, SIDE_COLORS['middle'], 2, cv2.LINE_AA)
            image = draw_skeleton(image, joints, layout, seen, thickness=2)
        pictures.append(Image.fromarray(np.ascontiguousarray(image[..., ::-1])))
    target = io.BytesIO()
    pictures[0].save(
        target,
        'WEBP',
        save_all=True,
        append_images=pictures[1:],
        duration=round(1000 / fps),
        loop=0,
        quality=60,
        method=2,
    )
    return target.getvalue()


def _in_view(
    keypoint: np.ndarray, score: np.ndarray, img_shape: tuple[int, int]
) -> tuple[np.ndarray, tuple[int, int]]:
    """Coordinates and shape of a picture that holds all joints with a margin."""
    seen = keypoint[score > 0]
    if not len(seen):
        return keypoint, img_shape if min(img_shape) > 0 else (100, 100)
    low, high = seen.min(axis=0), seen.max(axis=0)
    extent = max(float((high - low).max()), 1e-6)
    margin = _MARGIN * extent
    height, width = float(high[1] - low[1]) + 2 * margin, float(high[0] - low[0]) + 2 * margin
    height = max(height, width / 2.2)  # a wide strip would be too wide for the page
    scale = 400 / height
    middle = (low + high) / 2
    moved = (keypoint - middle) * scale + np.array([width, height]) * scale / 2
    moved = np.where((score > 0)[..., None], moved, 0).astype(np.float32)
    return moved, (400, max(2, round(width * scale)))
