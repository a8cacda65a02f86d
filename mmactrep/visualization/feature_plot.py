"""Features as points in a plane, colored by what is known of their samples (thesis, Fig. 4.7)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

# Okabe and Ito's colors, which the color-blind tell apart, and two grays; every value has a marker of its own
_COLORS = (
    '#0072B2', '#E69F00', '#009E73', '#CC79A7', '#56B4E9', '#D55E00', '#000000', '#F0E442',
    '#555555', '#AAAAAA',
)  # fmt: skip
_MARKERS = ('o', 's', '^', 'D', 'v', 'P', 'X', '*', '<', '>')
MOST_SHOWN = len(_COLORS)
"""How many values of an attribute have a color of their own."""

_OTHERS = '#DDDDDD'
_PANEL, _LEGEND = 3.6, 1.2  # inches
_FEWEST = 5  # samples, for a perplexity of at least 1


def embed_features(features: np.ndarray, seed: int = 0, perplexity: float = 30.0) -> np.ndarray:
    """t-SNE of features (scikit-learn's), started from their two principal components; deterministic.

    Args:
        features: (n, C').
        seed: Seed.
        perplexity: Effective number of neighbors; limited to a quarter of the samples.

    Returns:
        (n, 2) float32.

    Raises:
        ValueError: If there are fewer than five samples, or features are not finite.
    """
    from sklearn.manifold import TSNE

    features = np.asarray(features, np.float32)
    if features.ndim != 2 or len(features) < _FEWEST or not np.isfinite(features).all():
        raise ValueError(
            f'expected finite features (n, C) of {_FEWEST} samples or more, found {features.shape}'
        )
    if features.shape[1] < 2:
        features = np.pad(features, ((0, 0), (0, 1)))
    tsne = TSNE(
        init='pca', learning_rate='auto', perplexity=min(perplexity, len(features) / 4), random_state=seed
    )
    return tsne.fit_transform(features).astype(np.float32)


def most_frequent(values: Sequence[str], count: int = MOST_SHOWN) -> list[str]:
    """The most frequent values, at most ``count``, in the order of their numbers or the alphabet."""
    found = Counter(values)
    return sorted(sorted(found, key=lambda value: (-found[value], value))[:count], key=_order)


def _order(value: str) -> tuple[float, str]:
    try:
        return float(value.rstrip('°')), value
    except ValueError:
        return 0.0, value


# names of classes are not formulas
@matplotlib.rc_context({'text.parse_math': False})
def draw_features(
    rows: Mapping[str, np.ndarray],
    attributes: Mapping[str, Sequence[str]],
    path: str | Path,
    notes: Mapping[tuple[str, str], str] | None = None,
    title: str | None = None,
    dpi: int = 130,
) -> None:
    """Draw points: one row per kind of feature, one column per attribute that colors them.

    Of an attribute with more than ten values, the ten most frequent have colors and the others are gray.

    Args:
        rows: Kind of feature to points (n, 2).
        attributes: Name of the attribute to its n values.
        path: Picture to write; the suffix determines the format.
        notes: Line below the title of a panel, by kind and attribute.
        title: Line above everything.
        dpi: Pixels per inch.

    Raises:
        ValueError: If there is nothing to draw, or points and values differ in number.
    """
    sizes = {len(points) for points in rows.values()} | {len(values) for values in attributes.values()}
    if not rows or not attributes or len(sizes) != 1:
        raise ValueError(
            f'expected points and as many values of each attribute, found numbers {sorted(sizes)}'
        )
    (n,) = sizes
    width, height = len(attributes) * (_PANEL + _LEGEND), len(rows) * (_PANEL + 0.55) + (0.4 if title else 0)
    figure = Figure(figsize=(width, height), dpi=dpi, layout='constrained')
    FigureCanvasAgg(figure)
    axes = figure.subplots(len(rows), len(attributes), squeeze=False)
    size = float(np.clip(9000 / n, 8, 36))
    for own, (kind, points) in zip(axes, rows.items()):
        for ax, (attribute, values) in zip(own, attributes.items()):
            _draw_panel(ax, points, np.asarray(values, str), size)
            ax.set_title('\n'.join([f'{kind}, by {attribute}', *_note(notes, kind, attribute)]), fontsize=10)
    if title:
        figure.suptitle(title, fontsize=11)
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)


def _note(notes: Mapping[tuple[str, str], str] | None, kind: str, attribute: str) -> list[str]:
    return [notes[kind, attribute]] if notes and (kind, attribute) in notes else []


def _draw_panel(ax, points: np.ndarray, values: np.ndarray, size: float) -> None:
    shown = most_frequent(values.tolist())
    others = ~np.isin(values, shown)
    if others.any():
        ax.scatter(
            *points[others].T, s=size, c=_OTHERS, linewidths=0, label=f'{len(set(values[others]))} others'
        )
    for color, marker, value in zip(_COLORS, _MARKERS, shown):
        own = values == value
        label = value if len(value) <= 24 else value[:23] + '\N{HORIZONTAL ELLIPSIS}'
        ax.scatter(
            *points[own].T, s=size, c=color, marker=marker, label=label, linewidths=0.25, edgecolors='#333333'
        )
    ax.set(xticks=[], yticks=[])
    ax.set_box_aspect(1)
    place = dict(loc='center left', bbox_to_anchor=(1.0, 0.5), handletextpad=0.2)
    ax.legend(**place, fontsize=8, frameon=False, markerscale=(36 / size) ** 0.5)
