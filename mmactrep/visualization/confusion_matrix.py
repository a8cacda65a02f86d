"""A confusion matrix as a picture and as CSV."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure

# Up to this many classes, cells have room for a two-digit percentage; beyond it, only for a legible name.
_MAX_LARGE = 40
_LARGE_CELL, _SMALL_CELL = 0.38, 0.11  # inches
_MIN_SIDE = 3.0  # inches
# Above this share the cell is too dark for dark ink.
_DARK_SHARE = 0.4
_SHOWN_FROM = 0.005
_NUM_LISTED = 30


# names of files and classes are not formulas
@matplotlib.rc_context({'text.parse_math': False})
def draw_confusion_matrix(
    matrix: np.ndarray, classes: Sequence[str], path: str | Path, title: str | None = None, dpi: int = 120
) -> None:
    """Draw a confusion matrix whose rows are shares of the clips of each class.

    Up to 40 classes, the cells show percentages. Beyond that, the picture grows with the number of classes,
    so that all names on its four sides stay legible, and lists the largest confusions beside the matrix.
    Colors follow the square root of the share, which makes rare confusions visible. Classes without clips
    are gray rows.

    Args:
        matrix: (K, K) counts, rows labels, columns predictions.
        classes: (K,) names.
        path: Picture to write; the suffix determines the format.
        title: Line above the matrix.
        dpi: Pixels per inch.

    Raises:
        ValueError: If the matrix is not (K, K) for the K names.
    """
    matrix = _check(matrix, classes)
    shares = _row_shares(matrix)
    large = len(classes) <= _MAX_LARGE
    side = max(_MIN_SIDE, len(classes) * (_LARGE_CELL if large else _SMALL_CELL))
    name_size = 8 if large else 5.5
    # Text for a view of the whole picture grows with it.
    text_size = 11 * max(1, side / 9)
    names = max(map(len, classes)) * name_size * 0.65 / 72 + text_size * 2.2 / 72
    top = (0 if large else names) + text_size * 2.2 / 72
    right = 0.15 if large else names
    bar = text_size * 5 / 72
    lines = [] if large else _describe_confusions(matrix, classes)
    list_size = text_size * 0.7
    listing = max(map(len, lines), default=0) * list_size * 0.6 / 72
    width, height = names + side + right + bar + listing, names + side + top

    figure = Figure((width, height), dpi=dpi)
    FigureCanvasAgg(figure)

    def place(x: float, y: float, w: float, h: float) -> Axes:
        return figure.add_axes((x / width, y / height, w / width, h / height))

    axes = place(names, names, side, side)
    color_map = colormaps['Blues'].with_extremes(bad='0.85')
    image = axes.imshow(shares, cmap=color_map, norm=PowerNorm(0.5, 0, 1), interpolation='nearest')
    _write_names(axes, classes, name_size, all_sides=not large)
    figure.text(names / width, 1 - text_size * 0.6 / 72 / height, title or '', size=text_size, va='top')
    margin = text_size * 0.3 / 72
    figure.text(
        (names + side / 2) / width, margin / height, 'predicted', size=text_size, ha='center', va='bottom'
    )
    figure.text(
        margin / width, (names + side / 2) / height, 'label', size=text_size, rotation=90, va='center'
    )
    bar_axes = place(names + side + right, names, bar / 5, side)
    _draw_bar(figure, image, bar_axes, text_size * 0.75)
    if large:
        _write_percentages(axes, shares)
    else:
        _draw_guides(axes, len(classes))
        list_axes = place(names + side + right + bar, names, listing, side)
        list_axes.set_axis_off()
        list_axes.text(0, 1, '\n'.join(lines), size=list_size, va='top', linespacing=1.6)
    figure.savefig(path)


def write_confusion_csv(matrix: np.ndarray, classes: Sequence[str], path: str | Path) -> None:
    """Write the counts with the class names as the first row (predictions) and column (labels).

    Args:
        matrix: (K, K) counts, rows labels, columns predictions.
        classes: (K,) names.
        path: File to write.

    Raises:
        ValueError: If the matrix is not (K, K) for the K names.
    """
    matrix = _check(matrix, classes)
    with open(path, 'w', newline='', encoding='utf-8') as file:
        writer = csv.writer(file)
        writer.writerow(['label \\ predicted', *classes])
        writer.writerows([name, *row] for name, row in zip(classes, matrix.tolist()))


def largest_confusions(matrix: np.ndarray, count: int) -> list[tuple[int, int]]:
    """Pairs (label, prediction) that are confused for the largest share of the label's clips.

    Args:
        matrix: (K, K) counts, rows labels, columns predictions.
        count: Most pairs to return.

    Returns:
        Class indices, the largest share first, without pairs that never occur.
    """
    shares = np.nan_to_num(_row_shares(np.asarray(matrix)))
    np.fill_diagonal(shares, 0)
    order = np.argsort(-shares, axis=None, kind='stable')[:count]
    rows, columns = np.unravel_index(order, shares.shape)
    return [(int(i), int(j)) for i, j in zip(rows, columns) if shares[i, j] > 0]


def _check(matrix: np.ndarray, classes: Sequence[str]) -> np.ndarray:
    matrix = np.asarray(matrix)
    if matrix.shape != (len(classes), len(classes)) or len(classes) == 0:
        raise ValueError(f'expected a confusion matrix of {len(classes)} classes, found shape {matrix.shape}')
    return matrix


def _row_shares(matrix: np.ndarray) -> np.ndarray:
    """(K, K) shares of each row's sum, NaN in rows of zeros."""
    support = matrix.sum(axis=1, keepdims=True)
    return np.where(support > 0, matrix / np.maximum(support, 1), np.nan)


def _write_names(axes: Axes, classes: Sequence[str], size: float, all_sides: bool) -> None:
    axes.set_xticks(range(len(classes)), classes, rotation=90, size=size)
    axes.set_yticks(range(len(classes)), classes, size=size)
    axes.tick_params(length=2, pad=2)
    if all_sides:
        axes.tick_params(top=True, labeltop=True, right=True, labelright=True)


def _draw_guides(axes: Axes, num_classes: int) -> None:
    """Faint lines every ten classes, as guides along rows and columns."""
    lines = np.arange(-0.5, num_classes, 10)
    axes.set_xticks(lines, minor=True)
    axes.set_yticks(lines, minor=True)
    axes.grid(which='minor', color='0.8', linewidth=0.4)
    axes.tick_params(which='minor', length=0)


def _draw_bar(figure: Figure, image, axes: Axes, size: float) -> None:
    ticks = (0, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 1)
    colorbar = figure.colorbar(image, cax=axes, ticks=ticks)
    colorbar.ax.set_yticklabels([f'{tick * 100:g} %' for tick in ticks], size=size)


def _write_percentages(axes: Axes, shares: np.ndarray) -> None:
    for row, column in np.argwhere(shares >= _SHOWN_FROM):
        share = shares[row, column]
        ink = 'white' if share > _DARK_SHARE else '0.2'
        axes.text(column, row, f'{share * 100:.0f}', size=7, color=ink, ha='center', va='center')


def _describe_confusions(matrix: np.ndarray, classes: Sequence[str]) -> list[str]:
    lines = ['Largest confusions (label → predicted)']
    for i, j in largest_confusions(matrix, _NUM_LISTED):
        count, support = int(matrix[i, j]), int(matrix[i].sum())
        lines.append(f'{count / support * 100:3.0f} %  ({count} of {support})  {classes[i]} → {classes[j]}')
    return lines
