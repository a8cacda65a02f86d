"""Motions side by side, and poses along directions of a latent space."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import cv2
import numpy as np

from mmactrep.structures import SkeletonLayout, check_joint_count

from .clip_video import project_clip, tile
from .skeleton_drawing import SIDE_COLORS, Color, draw_skeleton, draw_text

_GROUND, _RULE = 28, 70
_MARGIN = 0.1
_TITLE = 26  # pixels above the figures
_REFERENCE_COLORS: dict[str, Color] = dict.fromkeys(SIDE_COLORS, (70, 70, 235))


def compare_motions(
    panels: Mapping[str, np.ndarray],
    layout: SkeletonLayout,
    size: tuple[int, int] = (320, 240),
    columns: int | None = None,
    common_scale: bool = True,
    inputs: Sequence[str] = (),
    titles: bool = True,
    follow: bool = False,
) -> Iterator[np.ndarray]:
    """Pictures of several motions side by side, one per frame; shorter motions stop at their last frame.

    Every motion, including its path, is centered in its panel.

    Args:
        panels: Title to motion, (T, V, 2) with y down, or (T, V, 3) in camera coordinates.
        layout: Layout of the joints.
        size: (H, W) of a panel.
        columns: Panels per row. Default: all.
        common_scale: Draw all motions at one scale, so that bodies can be compared; otherwise each fills its
            panel.
        inputs: Titles of the panels that are marked as inputs.
        titles: Whether to write titles.
        follow: Keep the body in the middle of the panel, horizontally, instead of showing its path: bodies
            that walk are drawn larger.

    Yields:
        (rows * H, columns * W, 3) uint8, BGR.

    Raises:
        ValueError: If there is no motion, or one is not finite or does not fit the layout.
    """
    if not panels:
        raise ValueError('expected one motion or more to draw, found none')
    flat = {title: _flat(motion, layout, title) for title, motion in panels.items()}
    if follow:
        flat = {title: _followed(motion) for title, motion in flat.items()}
    boxes = [(motion.min(axis=(0, 1)), motion.max(axis=(0, 1))) for motion in flat.values()]
    room = (1 - 2 * _MARGIN) * np.array([size[1], size[0] - _TITLE])
    scales = [(room / np.maximum(high - low, 1e-6)).min() for low, high in boxes]
    if common_scale:
        scales = [min(scales)] * len(scales)
    middle = np.array([size[1] / 2, (size[0] + _TITLE) / 2])
    drawn = {
        title: (motion - (low + high) / 2) * scale + middle
        for (title, motion), (low, high), scale in zip(flat.items(), boxes, scales)
    }
    for t in range(max(map(len, drawn.values()))):
        images = []
        for title, motion in drawn.items():
            image = draw_skeleton(
                _ground(size), motion[min(t, len(motion) - 1)], layout, np.ones(layout.num_joints)
            )
            images.append(_with_title(image, _marked(title, inputs)) if titles else image)
        yield tile(images, min(columns or len(images), len(images)))


def motion_sheet(
    panels: Mapping[str, np.ndarray],
    layout: SkeletonLayout,
    moments: int = 6,
    size: tuple[int, int] = (150, 130),
    common_scale: bool = True,
    inputs: Sequence[str] = (),
    follow: bool = False,
) -> np.ndarray:
    """Several motions in one picture: one row per motion, its title and moments evenly spaced in time.

    Args:
        panels, layout, common_scale, inputs, follow: See :func:`compare_motions`.
        moments: Moments shown per motion.
        size: (H, W) of a moment.

    Returns:
        (rows * H, (moments + 1) * W, 3) uint8, BGR.

    Raises:
        ValueError: See :func:`compare_motions`.
    """
    columns = list(compare_motions(panels, layout, size, 1, common_scale, titles=False, follow=follow))
    picked = np.linspace(0, len(columns) - 1, moments).round().astype(int)
    names = [_with_title(_ground(size), _marked(title, inputs)) for title in panels]
    return np.hstack([np.vstack(names), *(columns[i] for i in picked)])


def motion_grid(
    cells: Sequence[Sequence[np.ndarray]],
    rows: Sequence[str],
    columns: Mapping[str, np.ndarray | None],
    layout: SkeletonLayout,
    moments: int = 4,
    size: tuple[int, int] = (120, 230),
) -> np.ndarray:
    """Generated motions in one picture: motions by statics, as in Fig. 4.6 of the thesis.

    A cell shows moments of a sequence from left to right, evenly spaced in time, without its path: the lowest
    joints stand on one line. Bodies of a column have one scale. The row at the top shows whose body and view
    a column has.

    Args:
        cells: For each row a motion (T, V, C) per column.
        rows: Titles of the rows.
        columns: Title of the column to a pose (V, C) of its static, or None.
        layout: Layout of the joints.
        moments: Moments per cell.
        size: (H, W) of a cell.

    Returns:
        ((rows + 1) * H, columns * W + 100, 3) uint8, BGR.

    Raises:
        ValueError: If cells do not fit the titles, or see :func:`compare_motions`.
    """
    if not rows or not columns or [len(row) for row in cells] != [len(columns)] * len(rows):
        raise ValueError(
            f'expected {len(rows)} rows of {len(columns)} motions, found {[len(row) for row in cells]}'
        )
    corner = _ground((size[0], 100))
    painted = [[corner, *(_with_title(corner, title, 0.36) for title in rows)]]
    for k, (title, pose) in enumerate(columns.items()):
        column = [_flat(np.asarray(row[k]), layout, f'{rows[i]}, {title}') for i, row in enumerate(cells)]
        picked = [
            _followed(motion[np.linspace(0, len(motion) - 1, moments).round().astype(int)])
            for motion in column
        ]
        head = [] if pose is None else [_followed(_flat(np.asarray(pose)[None], layout, title))]
        # moments share the width; beside each other they may overlap by what arms reach out
        slot = size[1] / (moments + 0.5)
        extents = [np.ptp(motion, axis=1).max(axis=0) for motion in picked + head]
        room = (1 - 2 * _MARGIN) * np.array([1.6 * slot, size[0] - _TITLE])
        scale = (room / np.maximum(np.max(extents, axis=0), 1e-6)).min()
        images = [_moments(motion, scale, slot, size, layout) for motion in head + picked]
        images = images if head else [_ground(size), *images]
        painted.append([_with_title(images[0], title, 0.4), *images[1:]])
    return np.hstack([np.vstack(column) for column in painted])


def _moments(
    motion: np.ndarray, scale: float, slot: float, size: tuple[int, int], layout: SkeletonLayout
) -> np.ndarray:
    """Poses (S, V, 2) beside each other on one ground."""
    image = _ground(size)
    for i, pose in enumerate(motion):
        place = [size[1] / 2 + (i - (len(motion) - 1) / 2) * slot, (1 - _MARGIN) * size[0]]
        standing = (pose - [0.0, pose[:, 1].max()]) * scale + place
        image = draw_skeleton(image, standing, layout, np.ones(layout.num_joints))
    return image


def draw_walk(
    rows: Mapping[str, np.ndarray],
    magnitudes: Mapping[str, Sequence[float]],
    layout: SkeletonLayout,
    size: tuple[int, int] = (200, 150),
) -> np.ndarray:
    """Poses along directions, one row each, as in Fig. 4.4 of the thesis; the reference pose is red.

    Args:
        rows: Poses (S, V, C) by title of the direction.
        magnitudes: The S magnitudes by title; the reference pose is at the one nearest to 0.
        layout: Layout of the joints.
        size: (H, W) of a pose.

    Returns:
        (rows * H, S * W, 3) uint8, BGR.

    Raises:
        ValueError: If there is no row, rows differ in length, or a row has not one magnitude per pose.
    """
    counts = {len(poses) for poses in rows.values()}
    if len(counts) != 1 or any(len(magnitudes[title]) != len(poses) for title, poses in rows.items()):
        raise ValueError(
            'expected rows of one length with a magnitude for every pose, found poses '
            f'{[len(poses) for poses in rows.values()]}'
        )
    flat = {title: _flat(poses, layout, title) for title, poses in rows.items()}
    everything = np.concatenate(list(flat.values()))
    # One scale and one position of the root for all, so that only the pose moves.
    low, high = everything.min(axis=(0, 1)), everything.max(axis=(0, 1))
    room = (1 - 2 * _MARGIN) * np.array([size[1], size[0] - _TITLE])
    scale = (room / np.maximum(high - low, 1e-6)).min()
    middle = np.array([size[1] / 2, (size[0] + _TITLE) / 2])
    images = []
    for title, poses in flat.items():
        reference = int(np.argmin(np.abs(magnitudes[title])))
        for i, pose in enumerate(poses):
            image = draw_skeleton(
                _ground(size),
                (pose - (low + high) / 2) * scale + middle,
                layout,
                np.ones(layout.num_joints),
                colors=_REFERENCE_COLORS if i == reference else SIDE_COLORS,
            )
            text = f'{magnitudes[title][i]:+.1f}'
            images.append(draw_text(image, f'{title}: {text}' if i == 0 else text, (6, 16), 0.38))
    return tile(images, counts.pop())


def _flat(motion: np.ndarray, layout: SkeletonLayout, title: str) -> np.ndarray:
    motion = np.asarray(motion, np.float64)
    check_joint_count(motion, layout, title)
    if motion.ndim != 3 or motion.shape[-1] not in (2, 3) or not len(motion) or not np.isfinite(motion).all():
        raise ValueError(f'{title}: expected finite coordinates (T, V, 2 or 3), found {motion.shape}')
    return project_clip(motion) if motion.shape[-1] == 3 else motion


def _followed(motion: np.ndarray) -> np.ndarray:
    """A motion (T, V, 2) whose joints' mean stays at 0, horizontally."""
    return motion - motion[..., :1].mean(axis=1, keepdims=True) * [1.0, 0.0]


def _marked(title: str, inputs: Sequence[str]) -> str:
    return f'input: {title}' if title in inputs else title


def _with_title(image: np.ndarray, title: str, scale: float = 0.42) -> np.ndarray:
    """Write a title above the figure, smaller where it would not fit."""
    width = cv2.getTextSize(title, cv2.FONT_HERSHEY_SIMPLEX, scale, 1)[0][0]
    return draw_text(image, title, (8, 18), scale * min(1.0, (image.shape[1] - 16) / max(width, 1)))


def _ground(size: tuple[int, int]) -> np.ndarray:
    image = np.full((*size, 3), _GROUND, np.uint8)
    image[:, -1], image[-1] = _RULE, _RULE
    return image
