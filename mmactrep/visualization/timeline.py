"""Timeline pictures of temporal action segmentation: ground truth, scores, segments."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from mmactrep.structures.segments import Segment

_ROW, _HEAD, _FOOT, _LEFT = 0.26, 0.42, 0.55, 2.2  # inches
_TRUTH, _FOUND = '#2b6cb0', '#c05621'


def rows_of_interest(
    segments: Sequence[Segment], truths: Sequence[Segment], scores: np.ndarray | None, max_rows: int
) -> list[int]:
    """Classes that a timeline shows: those annotated or found for the longest time.

    If there are none, those with the highest scores.

    Returns:
        Up to ``max_rows`` class indices, ascending.
    """
    length: dict[int, int] = {}
    for segment in [*truths, *segments]:
        length[segment.label] = length.get(segment.label, 0) + segment.end - segment.start
    chosen = sorted(length, key=lambda label: -length[label])[:max_rows]
    if not chosen and scores is not None:
        chosen = np.argsort(-scores.max(axis=0))[: min(5, max_rows)].tolist()
    return sorted(int(label) for label in chosen)


# names of files and classes are not formulas
@matplotlib.rc_context({'text.parse_math': False})
def draw_timeline(
    classes: Sequence[str],
    num_frames: int,
    scores: np.ndarray | None = None,
    segments: Sequence[Segment] = (),
    truths: Sequence[Segment] | None = None,
    fps: float = 0.0,
    title: str = '',
    max_rows: int = 20,
    width: float = 12.0,
) -> np.ndarray:
    """Draw one row per class: the annotated actions above, those found below, the scores as shading between.

    Args:
        classes: Class names.
        num_frames: Frames T of the sequence.
        scores: (T, K) in [0, 1].
        segments: The segments found.
        truths: The annotation; None if there is none.
        fps: Frames per second; 0 labels the time axis in frames.
        title: Title.
        max_rows: Most rows.
        width: In inches, of 100 pixels each.

    Returns:
        (H, W, 3) uint8, BGR.
    """
    shown = rows_of_interest(segments, truths or (), scores, max_rows)
    height = _HEAD + _FOOT + _ROW * max(len(shown), 1)
    figure = Figure(figsize=(width, height), dpi=100)
    canvas = FigureCanvasAgg(figure)
    left, bottom = _LEFT / width, _FOOT / height
    axes = figure.add_axes((left, bottom, 0.985 - left, _ROW * max(len(shown), 1) / height))
    unit = 1 / fps if fps > 0 else 1.0
    end = num_frames * unit
    if scores is not None and shown:
        # rows of the picture are classes; the best score of a pixel's frames is shown
        image = _columns(np.asarray(scores)[:, shown], 1500).T
        axes.imshow(
            image,
            cmap=matplotlib.colormaps['Greys'],
            vmin=0,
            vmax=1.4,
            aspect='auto',
            interpolation='nearest',
            extent=(0, end, len(shown) - 0.5, -0.5),
        )
    for row, label in enumerate(shown):
        for spans, place, color in ((truths or (), row - 0.42, _TRUTH), (segments, row + 0.1, _FOUND)):
            bars = [(s.start * unit, (s.end - s.start) * unit) for s in spans if s.label == label]
            if bars:
                axes.broken_barh(bars, (place, 0.32), facecolors=color, linewidth=0)
    axes.set_yticks(range(len(shown)), [_short(classes[label]) for label in shown], fontsize=8)
    axes.set_ylim(max(len(shown), 1) - 0.5, -0.5)
    axes.set_xlim(0, end)
    axes.tick_params(axis='x', labelsize=8)
    axes.tick_params(axis='y', length=0)
    axes.set_yticks(np.arange(len(shown) + 1) - 0.5, minor=True)
    axes.grid(axis='y', which='minor', color='0.85', linewidth=0.6)
    axes.tick_params(which='minor', length=0)
    for side in ('top', 'right', 'left'):
        axes.spines[side].set_visible(False)
    axes.set_xlabel('seconds' if fps > 0 else 'frames', fontsize=8)
    _write_key(figure, height, width, title, truths is not None, scores is not None)
    canvas.draw()
    return cv2.cvtColor(np.asarray(canvas.buffer_rgba()), cv2.COLOR_RGBA2BGR)


def _write_key(figure: Figure, height: float, width: float, title: str, truth: bool, scores: bool) -> None:
    place = 1 - 0.24 / height
    figure.text(0.15 / width, place, title, fontsize=10, va='center', weight='bold')
    right = 0.985
    entries = [('found', _FOUND)] + [('score', '0.5')] * scores + [('annotated', _TRUTH)] * truth
    for name, color in entries:
        text = figure.text(right, place, f'■ {name}', fontsize=9, va='center', ha='right', color=color)
        right -= (0.25 + 0.075 * len(text.get_text())) / width


def _columns(scores: np.ndarray, most: int) -> np.ndarray:
    """Reduce (T, R) to at most ``most`` rows, each the maximum over its frames."""
    if len(scores) <= most:
        return scores
    edges = np.linspace(0, len(scores), most + 1).astype(int)[:-1]
    return np.maximum.reduceat(scores, edges, axis=0)


def _short(name: str, length: int = 26) -> str:
    return name if len(name) <= length else name[: length - 1] + '…'
