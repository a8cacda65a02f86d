"""Pictures of a data set's numbers: clips a class, lengths, bodies a frame, confidence, what was left out."""

from __future__ import annotations

import io
from collections.abc import Sequence

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from mmactrep.pose.extraction.building.outcomes import REASONS
from mmactrep.pose.extraction.building.statistics import DatasetStatistics

#: Classes up to this many have a bar with their name each.
NAMED_CLASSES = 40
_INK, _BAR = '0.25', '#0072B2'
# Okabe and Ito's, one for each reason
_COLORS = {'': '#0072B2', 'bad': '#D55E00', 'label': '#BBBBBB', 'nobody': '#E69F00', 'few': '#F0E442'}
_DPI, _WIDTH = 110, 9.5
_FEWEST_BINS, _MOST_BINS = 8, 60


# names of classes are not formulas
@matplotlib.rc_context({'text.parse_math': False})
def draw_left_out(found: DatasetStatistics) -> bytes:
    """One bar of all rows: those with a clip, and those without by their reason; PNG."""
    figure = _figure(1.35)
    axes = figure.add_subplot()
    start, total = 0, max(sum(found.counts.values()), 1)
    names = {'': 'clips', 'bad': 'cannot be used', 'label': 'label dropped', 'nobody': 'nobody found',
             'few': 'few bodies'}  # fmt: skip
    for reason in ('', *REASONS):
        count = found.counts.get(reason, 0)
        label = f'{names[reason]}: {count:,} ({count / total:.1%})'
        axes.barh([0], [count], left=start, color=_COLORS[reason], label=label, edgecolor='white')
        start += count
    axes.set_xlim(0, total)
    axes.set_yticks([])
    _tidy(axes, 'Rows of the lists')
    axes.legend(loc='upper center', bbox_to_anchor=(0.5, -0.35), ncols=5, fontsize=8, frameon=False)
    return png_of(figure)


@matplotlib.rc_context({'text.parse_math': False})
def draw_classes(found: DatasetStatistics) -> bytes:
    """Clips a class, the most frequent first; PNG."""
    counts = found.class_counts['']
    order = np.argsort(-counts, kind='stable')
    splits = [name for name in found.class_counts if name]
    # of overlapping splits, as those of cross validation, the parts do not add up
    disjoint = (
        sum(int(found.class_counts[name].sum()) for name in splits) <= counts.sum() and len(splits) <= 4
    )
    if len(counts) > NAMED_CLASSES:
        figure = _figure(3.2)
        axes = figure.add_subplot()
        axes.fill_between(np.arange(len(counts)), counts[order], step='mid', color=_BAR)
        axes.set_xlim(-0.5, len(counts) - 0.5)
        axes.set_ylim(0)
        axes.set_xlabel('classes, by their number of clips', color=_INK, fontsize=8)
        few, many = found.classes[order[-1]], found.classes[order[0]]
        title = f'{len(counts)} classes: {many} {counts[order[0]]:,}, median {np.median(counts):,.0f}, '
        _tidy(axes, f'{title}{few} {counts[order[-1]]:,}')
        return png_of(figure)
    figure = _figure(0.8 + 0.22 * len(counts))
    axes = figure.add_subplot()
    left = np.zeros(len(counts))
    if disjoint and splits:
        for split, color in zip(splits, ('#0072B2', '#E69F00', '#009E73', '#CC79A7')):
            values = found.class_counts[split][order]
            axes.barh(np.arange(len(counts)), values, left=left, color=color, label=split)
            left += values
    rest = counts[order] - left
    axes.barh(
        np.arange(len(counts)), rest, left=left, color='#BBBBBB' if left.any() else _BAR, label='no split'
    )
    if left.any():
        axes.legend(fontsize=8, frameon=False, loc='lower right')
    for row, count in enumerate(counts[order]):
        axes.text(count, row, f' {count:,}', va='center', fontsize=8, color=_INK)
    axes.set_yticks(range(len(counts)), [_short(found.classes[label]) for label in order])
    axes.set_ylim(len(counts) - 0.4, -0.6)
    axes.margins(x=0.08)
    axes.xaxis.set_major_locator(MaxNLocator(8, integer=True))
    _tidy(axes, 'Clips a class')
    return png_of(figure)


@matplotlib.rc_context({'text.parse_math': False})
def draw_distributions(found: DatasetStatistics) -> bytes:
    """Lengths, persons, bodies a frame, share of frames with a body, confidence, scores; PNG."""
    figure = _figure(4.6)
    grid = figure.subplots(2, 3)
    _histogram(grid[0, 0], found.frames, 'Length', 'frames')
    seconds = found.seconds[np.isfinite(found.seconds)]
    _histogram(grid[0, 1], seconds, 'Length', 'seconds')
    _bars(grid[0, 2], found.bodies, 'Bodies a frame', 'persons seen in a frame', 'frames')
    _histogram(grid[1, 0], found.share, 'Frames with a body', 'share of the frames of a clip', (0, 1))
    confidence = found.confidence[np.isfinite(found.confidence)]
    _histogram(grid[1, 1], confidence, 'Confidence C (Eq. 3.4)', 'mean of a clip', (0, 1))
    _histogram(
        grid[1, 2], found.score[np.isfinite(found.score)], 'Scores of the joints', 'mean of a clip', (0, 1)
    )
    return png_of(figure)


def png_of(figure: Figure) -> bytes:
    """A figure as a PNG file."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format='png')
    return buffer.getvalue()


def _figure(height: float) -> Figure:
    figure = Figure((_WIDTH, height), dpi=_DPI, layout='constrained')
    FigureCanvasAgg(figure)
    return figure


def _histogram(
    axes: Axes, values: np.ndarray, title: str, unit: str, limits: tuple[float, float] | None = None
) -> None:
    if len(values):
        bins = int(np.clip(np.sqrt(len(values)), _FEWEST_BINS, _MOST_BINS))
        high = None if limits is None else (limits[0], max(limits[1], float(values.max())))
        axes.hist(values, bins, high, color=_BAR)
        axes.axvline(float(np.median(values)), color=_INK, linewidth=0.8, linestyle=':')
        title = f'{title}, median {np.median(values):.3g}'
    else:
        axes.text(0.5, 0.5, 'none is known', transform=axes.transAxes, ha='center', color=_INK, fontsize=9)
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.set_xlabel(unit, color=_INK, fontsize=8)
    axes.set_ylabel('clips', color=_INK, fontsize=8)
    _tidy(axes, title)


def _bars(axes: Axes, counts: Sequence[int] | np.ndarray, title: str, unit: str, what: str) -> None:
    axes.bar(np.arange(len(counts)), counts, color=_BAR)
    axes.xaxis.set_major_locator(MaxNLocator(8, integer=True))
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.set_xlabel(unit, color=_INK, fontsize=8)
    axes.set_ylabel(what, color=_INK, fontsize=8)
    _tidy(axes, title)


def _tidy(axes: Axes, title: str) -> None:
    axes.set_title(title, loc='left', fontsize=10, color=_INK)
    axes.spines[['top', 'right']].set_visible(False)
    axes.tick_params(labelsize=8, colors=_INK)


def _short(name: str) -> str:
    return name if len(name) <= 40 else f'{name[:37]}...'
