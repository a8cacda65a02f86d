"""Figures 3.7 and 3.8 of the thesis: what the confidence of SST-A tells about its error."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matplotlib.figure import Figure

KEPT, DISCARDED = '#6a3d9a', '#55a868'


def plot_histogram(error: np.ndarray, confidence: np.ndarray, gamma: float, bins: int = 12) -> Figure:
    """Figure 3.7: how many poses of each error the filter retains and discards."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 4), layout='constrained')
    axes = figure.add_subplot()
    end = max(np.ceil(2 * np.percentile(error, 99.5)) / 2, 0.5)
    edges = np.linspace(0, end, bins + 1)
    kept = ~(confidence < gamma)  # including those with a single vote, which have no C
    parts = [np.minimum(error[mask], end) for mask in (kept, ~kept)]
    labels = (f'retained, C ≥ {gamma:g} ({kept.sum():,})', f'discarded, C < {gamma:g} ({(~kept).sum():,})')
    axes.hist(parts, edges, color=(KEPT, DISCARDED), label=labels, rwidth=0.8)
    # the last interval also has all larger errors
    axes.set_xticks(edges[::2], [*(f'{edge:.2g}' for edge in edges[:-2:2]), 'more'])
    axes.set(yscale='log', ylim=(0.7, None), xlim=(0, end), xlabel='MPJPE (head lengths)', ylabel='poses')
    axes.legend(frameon=False)
    axes.spines[['top', 'right']].set_visible(False)
    return figure


def plot_distribution(error: np.ndarray, confidence: np.ndarray, gamma: float) -> Figure:
    """Figure 3.8: confidence against error, all poses and those of small errors."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9.6, 4), layout='constrained')
    kept = ~(confidence < gamma)  # including those with a single vote, which have no C
    size = float(np.clip(2e4 / len(error), 0.5, 8))
    ends = (np.percentile(error, 99.9) * 1.05, np.percentile(error, 90))
    for axes, end in zip(figure.subplots(1, 2, sharey=True), ends):
        for mask, color, label in ((kept, KEPT, f'C ≥ {gamma:g}'), (~kept, DISCARDED, f'C < {gamma:g}')):
            axes.scatter(error[mask], confidence[mask], s=size, c=color, linewidths=0, alpha=0.5, label=label)
        edges = np.linspace(0, end, 13)
        middle, medians = running_median(error, confidence, edges)
        axes.plot(middle, medians, color='black', linewidth=1.2, label='median')
        axes.axhline(gamma, color='gray', linewidth=0.8, linestyle='--')
        axes.set(xlim=(0, end), ylim=(0, 1), xlabel='MPJPE (head lengths)')
        axes.spines[['top', 'right']].set_visible(False)
    figure.axes[0].set(ylabel='confidence C', title='all poses')
    figure.axes[1].set(title='the nine tenths of smallest error')
    figure.axes[0].legend(frameon=False, markerscale=4, loc='upper right')
    return figure


def running_median(
    error: np.ndarray, confidence: np.ndarray, edges: np.ndarray, least: int = 20
) -> tuple[np.ndarray, np.ndarray]:
    """Centers and median confidences of the intervals of error with at least ``least`` poses."""
    place = np.digitize(error, edges)
    groups = [(i, confidence[(place == i) & ~np.isnan(confidence)]) for i in range(1, len(edges))]
    groups = [(i, values) for i, values in groups if len(values) >= least]
    middles = np.array([(edges[i - 1] + edges[i]) / 2 for i, _ in groups])
    return middles, np.array([np.median(values) for _, values in groups])
