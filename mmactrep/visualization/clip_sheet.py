"""A sheet of clips: one row of pictures each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .clip_video import render_clip
from .skeleton_drawing import draw_text

_GROUND, _TITLE = 28, 22


def draw_clip_sheet(
    clips: Sequence[dict],
    titles: Sequence[str],
    count: int = 8,
    size: tuple[int, int] = (150, 150),
    **view,
) -> np.ndarray:
    """Clips one below the other, each as pictures evenly spaced in time under its title.

    Args:
        clips: Annotation dictionaries with ``keypoint``, ``keypoint_score`` and ``layout``.
        titles: A line for each.
        count: Pictures per clip; shorter clips have fewer, and empty places.
        size: (H, W) of a picture.
        **view: View of 3D clips, see :func:`render_clip`.

    Returns:
        (rows * (H + title), count * W, 3) uint8, BGR.

    Raises:
        ValueError: If there is no clip, or not one title each.
    """
    if not clips or len(clips) != len(titles):
        raise ValueError(f'expected a title for each of one clip or more, found {len(clips)}, {len(titles)}')
    rows = []
    for clip, title in zip(clips, titles):
        frames = np.asarray(clip['keypoint']).shape[1]
        shown = np.linspace(0, frames - 1, min(count, frames)).round().astype(int)
        score = None if clip.get('keypoint_score') is None else clip['keypoint_score'][:, shown]
        pictures = render_clip(clip['keypoint'][:, shown], clip['layout'], score, size, **view)
        row = np.full((size[0] + _TITLE, count * size[1], 3), _GROUND, np.uint8)
        row[_TITLE:, : len(shown) * size[1]] = np.hstack(list(pictures))
        rows.append(draw_text(row, title, (8, 16), 0.45))
    return np.vstack(rows)
