"""Drawing skeletons of any layout on images."""

from __future__ import annotations

import cv2
import numpy as np

from mmactrep.structures import SkeletonLayout, check_joint_count, joint_scores

Color = tuple[int, int, int]

SIDE_COLORS: dict[str, Color] = dict(left=(60, 160, 255), right=(255, 140, 40), middle=(90, 200, 90))
"""Colors of the body's left (orange), right (blue) and middle, in OpenCV's order BGR."""

# Persons differ in brightness; colors mark the sides.
_PERSON_BRIGHTNESS = (1.0, 0.62, 0.8, 0.45)
_SHIFT = 4  # OpenCV draws with sub-pixel ends when coordinates carry fractional bits


def joint_sides(layout: SkeletonLayout) -> list[str]:
    """'left', 'right' or 'middle' for every joint."""
    left, right = ({pair[k] for pair in layout.pairs} for k in (0, 1))
    return ['left' if j in left else 'right' if j in right else 'middle' for j in layout.joints]


def draw_skeleton(
    image: np.ndarray,
    keypoint: np.ndarray,
    layout: SkeletonLayout,
    score: np.ndarray | None = None,
    person: int = 0,
    thickness: int | None = None,
    min_score: float = 0.0,
    colors: dict[str, Color] = SIDE_COLORS,
) -> np.ndarray:
    """Draw one skeleton.

    A missing joint (score 0, or at most ``min_score``; without scores: coordinates 0) is not drawn, nor are
    its bones. Bones have the color of the side of their child joint.

    Args:
        image: (H, W, 3) uint8, BGR; not modified.
        keypoint: (V, 2) pixels.
        layout: The skeleton's layout.
        score: (V,) confidences.
        person: Number of the person, for the brightness.
        thickness: Of the bones, in pixels. Default: by the image's size.
        min_score: Joints with this score or less are not drawn.
        colors: BGR for 'left', 'right' and 'middle'.

    Returns:
        (H, W, 3) the image with the skeleton.
    """
    check_joint_count(keypoint, layout)
    score = joint_scores(keypoint, score)
    keypoint = np.asarray(keypoint, np.float64)
    seen = (score > min_score) & (score > 0) & np.isfinite(keypoint).all(axis=-1)
    thickness = thickness or max(1, round(max(image.shape[:2]) / 220))
    brightness = _PERSON_BRIGHTNESS[person % len(_PERSON_BRIGHTNESS)]
    palette = [tuple(int(c * brightness) for c in colors[side]) for side in joint_sides(layout)]
    # Far outside the image OpenCV's fixed point overflows; what is there is not visible anyway.
    limit = 8 * max(image.shape[:2])
    points = np.round(np.clip(np.nan_to_num(keypoint), -limit, limit) * 2**_SHIFT).astype(int)
    out = image.copy()
    for child, parent in layout.bones:
        if seen[child] and seen[parent]:
            ends = tuple(points[child].tolist()), tuple(points[parent].tolist())
            cv2.line(out, *ends, palette[child], thickness, cv2.LINE_AA, _SHIFT)
    radius = round((thickness * 0.5 + 1) * 2**_SHIFT)
    for joint in np.flatnonzero(seen):
        cv2.circle(out, tuple(points[joint].tolist()), radius, palette[joint], -1, cv2.LINE_AA, _SHIFT)
    return out


def draw_persons(
    image: np.ndarray, keypoint: np.ndarray, layout: SkeletonLayout, score: np.ndarray | None = None, **kwargs
) -> np.ndarray:
    """Draw all skeletons of one frame, (M, V, 2) with scores (M, V); see :func:`draw_skeleton`."""
    for person, joints in enumerate(keypoint):
        own = None if score is None else score[person]
        image = draw_skeleton(image, joints, layout, own, person=person, **kwargs)
    return image


def draw_text(
    image: np.ndarray, text: str, origin: tuple[int, int] = (8, 20), scale: float = 0.5
) -> np.ndarray:
    """Write text with a dark outline, legible on any background; ``origin`` is its lower left corner."""
    out = image.copy()
    for color, thickness in (((0, 0, 0), 3), ((255, 255, 255), 1)):
        cv2.putText(out, text, origin, cv2.FONT_HERSHEY_SIMPLEX, scale, color, thickness, cv2.LINE_AA)
    return out
