"""One picture of a whole run: who was there, how sure, doing what, and how long each stage took."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from .pose_overlay import track_color
from .run_video import scores_over_time

_MAX_TRACKS = 12
_MAX_CLASSES = 6
_INK = '0.25'


def draw_overview(
    result: Mapping,
    path: str | Path,
    threshold: float | None = 0.18,
    title: str | None = None,
    dpi: int = 110,
) -> None:
    """Draw the overview of a run.

    Args:
        result: Of ``SkeletonInferencer``.
        path: Picture to write; the suffix chooses the format.
        threshold: γ of Eq. 3.3, drawn into the confidences.
        title: Line above. Default: the input's name and size.
        dpi: Pixels an inch.
    """
    tracks = result['tracks'][:_MAX_TRACKS]
    rows = max(2, len(tracks))
    figure = Figure((11, 7.2 + 0.18 * rows), dpi=dpi, layout='constrained')
    FigureCanvasAgg(figure)
    height, width = result['img_shape']
    fps = f', {result["fps"]:.4g} frames/s' if result['fps'] else ''
    title = title or f'{result["input"]}: {result["num_frames"]} frames, {width} x {height}{fps}'
    figure.suptitle(title, fontsize=12)
    grid = figure.add_gridspec(4, 1, height_ratios=[0.5 + 0.18 * rows, 1.6, 2.2, 1.2])
    timeline = figure.add_subplot(grid[0])
    confidence = figure.add_subplot(grid[1], sharex=timeline)
    classes = figure.add_subplot(grid[2], sharex=timeline)
    _draw_timeline(timeline, tracks, len(result['tracks']))
    _draw_confidence(confidence, tracks, threshold)
    _draw_classes(classes, result)
    timeline.set_xlim(0, max(result['num_frames'], 1))
    classes.set_xlabel('frame', color=_INK)
    _draw_timings(figure.add_subplot(grid[3]), result)
    figure.savefig(path)


def _color(track: int) -> tuple[float, float, float]:
    # The accents are made for a dark ground.
    blue, green, red = track_color(track)
    return red / 330, green / 330, blue / 330


def _tidy(axes: Axes, title: str) -> None:
    axes.set_title(title, loc='left', fontsize=10, color=_INK)
    axes.spines[['top', 'right']].set_visible(False)
    axes.tick_params(labelsize=8, colors=_INK)


def _draw_timeline(axes: Axes, tracks: list[Mapping], total: int) -> None:
    """A bar a track over the frames in which the person was seen."""
    for row, track in enumerate(tracks):
        seen = (track['keypoint_score'] > 0).any(axis=1)
        edges = np.flatnonzero(np.diff(np.concatenate([[0], seen, [0]])))
        spans = [(track['start'] + a, b - a) for a, b in edges.reshape(-1, 2)]
        axes.broken_barh(spans, (row - 0.35, 0.7), color=_color(track['track']))
    axes.set_yticks(range(len(tracks)), [f'person {track["track"]}' for track in tracks])
    axes.set_ylim(len(tracks) - 0.4, -0.6)
    more = f' (the first {len(tracks)} of {total})' if total > len(tracks) else ''
    _tidy(axes, f'Tracks{more}')


def _draw_confidence(axes: Axes, tracks: list[Mapping], threshold: float | None) -> None:
    for track in tracks:
        seen = (track['keypoint_score'] > 0).any(axis=1)
        values = np.where(seen, track['confidence'], np.nan)
        frames = np.arange(track['start'], track['end'])
        axes.plot(frames, values, color=_color(track['track']), linewidth=1)
    if threshold is not None:
        axes.axhline(threshold, color='0.5', linewidth=0.8, linestyle=':')
        axes.text(
            1.002, threshold, f'γ = {threshold:g}', transform=axes.get_yaxis_transform(), va='center', size=8
        )
    axes.set_ylim(0, 1.02)
    _tidy(axes, 'Confidence C of the aggregated skeletons (Eq. 3.4)')


def _draw_classes(axes: Axes, result: Mapping) -> None:
    """Top classes over time, of the most important person who has any, or of all together."""
    whose, windows, first, last = 'all persons', result['windows'], 0, result['num_frames']
    for track in result['tracks']:
        if not windows and track['windows']:
            whose, windows = f'person {track["track"]}', track['windows']
            first, last = track['start'], track['end']
    if not windows:
        axes.text(0.5, 0.5, 'nobody was seen long enough', transform=axes.transAxes, ha='center', color=_INK)
        _tidy(axes, 'Top classes')
        return
    frames = np.arange(first, last)
    scores = scores_over_time(windows, frames)
    top = np.argsort(-scores.max(axis=0), kind='stable')[:_MAX_CLASSES]
    for k in top:
        axes.plot(frames, scores[:, k], linewidth=1.6, label=result['classes'][k])
    axes.set_ylim(0, 1.02)
    axes.legend(fontsize=8, loc='center left', bbox_to_anchor=(1.0, 0.5), frameon=False)
    number = f'{len(windows)} windows' if len(windows) > 1 else 'one window'
    _tidy(axes, f'Top classes of {whose} ({number})')


def _draw_timings(axes: Axes, result: Mapping) -> None:
    stages = [(stage, entry['seconds'], entry['fps']) for stage, entry in result['timings'].items()]
    longest = max([seconds for _, seconds, _ in stages], default=1.0)
    for row, (_, seconds, fps) in enumerate(stages):
        axes.barh(row, seconds, color='0.6', height=0.6)
        axes.text(seconds + longest * 0.01, row, f'{seconds:.2f} s, {fps:,.1f} frames/s', va='center', size=8)
    axes.set_yticks(range(len(stages)), [stage for stage, _, _ in stages])
    axes.set_ylim(len(stages) - 0.5, -0.5)
    axes.set_xlim(0, longest * 1.25)
    axes.set_xlabel('seconds', color=_INK, fontsize=8)
    _tidy(axes, 'Time of each stage')
