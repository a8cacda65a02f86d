"""Rendering skeleton clips as videos and contact sheets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import cv2
import numpy as np

from mmactrep.structures import SkeletonLayout, joint_scores

from .skeleton_drawing import draw_persons, draw_text

# axis that points up: (axis to the right, axis away from the viewer), right-handed together
_LEVEL = dict(x=(1, 2), y=(0, 2), z=(0, 1))
# these axes point up with the second one towards the viewer: no camera can see a mirrored world
_TOWARDS = ('-x', 'y', '-z')


def project_clip(keypoint: np.ndarray, yaw: float = 0.0, pitch: float = 0.0, up: str = '-y') -> np.ndarray:
    """Parallel projection of a 3D clip to a picture.

    Args:
        keypoint: (..., 3) coordinates.
        yaw: Rotation about the vertical axis, in degrees.
        pitch: Angle by which the camera looks down, in degrees.
        up: Which axis points up: 'y' (mocap, Kinect), 'z' (after pre-normalization), '-y' (camera
            coordinates).

    Returns:
        (..., 2) right and down, in units of the input.

    Raises:
        ValueError: If ``up`` is not '[-]x', '[-]y' or '[-]z'.
    """
    if up.removeprefix('-') not in _LEVEL:
        raise ValueError(f"up must be an axis like 'y' or '-y', got {up!r}")
    vertical = keypoint[..., 'xyz'.index(up[-1])] * (-1.0 if up[0] == '-' else 1.0)
    right, away = (keypoint[..., axis] for axis in _LEVEL[up[-1]])
    away = away * (-1.0 if up in _TOWARDS else 1.0)
    cos, sin = np.cos(np.radians(yaw)), np.sin(np.radians(yaw))
    right, away = cos * right + sin * away, cos * away - sin * right
    cos, sin = np.cos(np.radians(pitch)), np.sin(np.radians(pitch))
    return np.stack([right, -(cos * vertical + sin * away)], axis=-1)


def fit_to_canvas(
    keypoint: np.ndarray, score: np.ndarray, size: tuple[int, int], margin: float = 0.08
) -> np.ndarray:
    """Scale and shift a whole clip to fit its seen joints into a canvas, keeping the aspect ratio.

    Args:
        keypoint: (M, T, V, 2).
        score: (M, T, V); missing joints (0) are ignored.
        size: (H, W) of the canvas.
        margin: Share of the canvas that stays free at each edge.

    Returns:
        (M, T, V, 2) pixels.
    """
    points = keypoint[score > 0]
    if not len(points):
        return np.zeros_like(keypoint)
    # Outliers of an estimator must not shrink the person to a dot.
    low, high = np.percentile(points, [0.5, 99.5], axis=0)
    extent = np.asarray([size[1], size[0]], np.float64)
    scale = ((1 - 2 * margin) * extent / np.maximum(high - low, 1e-6)).min()
    return (keypoint - (low + high) / 2) * scale + extent / 2


def render_clip(
    keypoint: np.ndarray,
    layout: SkeletonLayout,
    score: np.ndarray | None = None,
    size: tuple[int, int] = (480, 640),
    img_shape: tuple[int, int] | None = None,
    frames: Iterable[np.ndarray] | None = None,
    text: str = '',
    yaw: float = 0.0,
    pitch: float = 0.0,
    up: str = '-y',
    **drawing,
) -> Iterator[np.ndarray]:
    """Render a clip as pictures, one per frame.

    Args:
        keypoint: (M, T, V, C); 2D, or 3D, which is projected (``yaw``, ``pitch``, ``up``, see
            :func:`project_clip`).
        layout: Layout of the joints.
        score: (M, T, V). Default: 1 where a coordinate is not 0.
        size: (H, W) of the pictures.
        img_shape: (H, W) of the picture that 2D coordinates belong to. Without it, and for 3D, the clip is
            fitted into the picture.
        frames: Images (H, W, 3) to draw on instead of a dark background; they set the size of the pictures,
            and coordinates are their pixels.
        text: Text in every picture.
        yaw, pitch, up: View of a 3D clip.
        **drawing: For :func:`draw_skeleton`: ``min_score``, ``thickness``, ``colors``.

    Yields:
        (H, W, 3) uint8, BGR.
    """
    keypoint = np.asarray(keypoint, np.float64)
    if keypoint.ndim != 4 or keypoint.shape[-1] not in (2, 3):
        raise ValueError(f'keypoint must be (M, T, V, 2 or 3), got {keypoint.shape}')
    score = joint_scores(keypoint, score)
    if keypoint.shape[-1] == 3:
        keypoint, img_shape = project_clip(keypoint, yaw, pitch, up), None
    if frames is None:
        if img_shape is None:
            keypoint = fit_to_canvas(keypoint, score, size)
        else:
            keypoint = keypoint * min(size[0] / img_shape[0], size[1] / img_shape[1])
        frames = (np.full((*size, 3), 28, np.uint8) for _ in range(keypoint.shape[1]))
    for t, image in zip(range(keypoint.shape[1]), frames):
        image = draw_persons(image, keypoint[:, t], layout, score[:, t], **drawing)
        yield draw_text(image, text) if text else image


def contact_sheet(frames: Iterable[np.ndarray], count: int = 8, columns: int = 8) -> np.ndarray:
    """Some frames, evenly spaced in time, in one image.

    Args:
        frames: (H, W, 3) uint8 of one size.
        count: Number of frames shown.
        columns: Frames per row.

    Returns:
        (rows * H, columns * W, 3) uint8.

    Raises:
        ValueError: If there is no frame.
    """
    frames = list(frames)
    if not frames:
        raise ValueError('no frame for a contact sheet')
    picked = [frames[i] for i in np.linspace(0, len(frames) - 1, min(count, len(frames))).round().astype(int)]
    return tile(picked, min(columns, len(picked)))


def crop_to_content(images: list[np.ndarray], margin: int = 16) -> list[np.ndarray]:
    """Crop images (H, W, 3) in the same way, by the borders that are plain in all of them.

    Plain means the color of the first image's upper left corner, so a photograph is not cropped.

    Args:
        images: Of one size.
        margin: Pixels of plain border that stay.
    """
    ground = images[0][0, 0].astype(int)
    busy = np.any([np.abs(image.astype(int) - ground).max(axis=2) > 4 for image in images], axis=0)
    if not busy.any():
        return images
    (top, bottom), (left, right) = (np.flatnonzero(busy.any(axis=axis))[[0, -1]] for axis in (1, 0))
    rows = slice(max(top - margin, 0), bottom + 1 + margin)
    columns = slice(max(left - margin, 0), right + 1 + margin)
    return [image[rows, columns] for image in images]


def tile(images: list[np.ndarray], columns: int) -> np.ndarray:
    """Images (H, W, 3) of one size as a grid, row by row; the rest of the last row is black."""
    blank = np.zeros_like(images[0])
    images = images + [blank] * (-len(images) % columns)
    rows = [np.hstack(images[i : i + columns]) for i in range(0, len(images), columns)]
    return np.vstack(rows)


def write_image(path: str | Path, image: np.ndarray) -> None:
    """Write an image in the format of the suffix.

    Raises:
        OSError: If the file cannot be written.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    if not cv2.imwrite(str(path), image):
        raise OSError(f'{path}: cannot write an image here')
