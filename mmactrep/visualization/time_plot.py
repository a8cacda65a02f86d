"""Segments of videos as numbered points in a plane (thesis, Fig. 5.3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

_COLORS = ('#0072B2', '#D55E00', '#009E73', '#CC79A7', '#E69F00', '#56B4E9')
_PANEL = 4.4  # inches
MOST_VIDEOS = len(_COLORS)
"""How many videos have a color of their own."""


# names of videos are not formulas
@matplotlib.rc_context({'text.parse_math': False})
def draw_time_order(
    panels: Mapping[str, Sequence[np.ndarray]],
    videos: Sequence[str],
    path: str | Path,
    notes: Mapping[str, str] | None = None,
    dpi: int = 130,
) -> None:
    """Draw the segments of videos with their numbers, the first one as 1, joined in the order of time.

    Args:
        panels: Title of each panel to the points (S, 2) of every video.
        videos: Names of the videos.
        path: Picture to write; the suffix determines the format.
        notes: Line below the title of a panel.
        dpi: Pixels per inch.

    Raises:
        ValueError: If there is nothing to draw, there are more videos than colors, or a panel has other
            numbers of videos.
    """
    if not panels or not 1 <= len(videos) <= MOST_VIDEOS:
        raise ValueError(
            f'expected panels and 1 to {MOST_VIDEOS} videos, found {len(panels)} and {len(videos)}'
        )
    if any(len(points) != len(videos) for points in panels.values()):
        raise ValueError(f'expected points of {len(videos)} videos in every panel')
    figure = Figure(figsize=(_PANEL * len(panels), _PANEL + 0.7), dpi=dpi, layout='constrained')
    FigureCanvasAgg(figure)
    axes = figure.subplots(1, len(panels), squeeze=False)[0]
    for ax, (title, groups) in zip(axes, panels.items()):
        for color, name, points in zip(_COLORS, videos, groups):
            ax.plot(*points.T, color=color, linewidth=0.8, alpha=0.5)
            ax.scatter(*points.T, s=110, color=color, alpha=0.9, label=name, linewidths=0)
            for number, (x, y) in enumerate(points, 1):
                ax.text(x, y, str(number), ha='center', va='center', fontsize=6.5, color='white')
        note = (notes or {}).get(title)
        ax.set_title('\n'.join([title, *([note] if note else [])]), fontsize=10)
        ax.set(xticks=[], yticks=[])
        ax.margins(0.08)
    figure.legend(
        *axes[0].get_legend_handles_labels(), loc='outside lower center', ncols=2, fontsize=8, frameon=False
    )
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)
