"""One picture of a whole run: persons, confidences, actions, and the time of each stage."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from mmactrep.structures.recognition import (
    NO_VERDICT,
    ActionWindow,
    PersonActions,
    RecognitionResult,
    Verdict,
    scores_over_time,
)

from .pose_overlay import track_color

_MAX_PERSONS = 12
_MAX_CLASSES = 6
_INK = '0.25'


# names of files and classes are not formulas
@matplotlib.rc_context({'text.parse_math': False})
def draw_overview(
    result: RecognitionResult,
    path: str | Path,
    threshold: float | None = 0.18,
    title: str | None = None,
    dpi: int = 110,
) -> None:
    """Draw the overview of a run.

    With several pose experts it shows how many saw each person, and the confidence C where at least two did:
    a single expert has nobody to agree with.

    Args:
        result: The persons and their actions.
        path: Picture to write; the suffix determines the format.
        threshold: γ of Eq. 3.3, drawn with the confidences.
        title: Title. Default: the input's name and size.
        dpi: Pixels per inch.
    """
    persons = result.persons[:_MAX_PERSONS]
    rows = max(2, len(persons))
    several = result.num_experts > 1
    heights = [0.5 + 0.18 * rows, *([0.9, 1.5] if several else []), 2.2, 1.2]
    figure = Figure((11, 1.9 + 1.1 * sum(heights)), dpi=dpi, layout='constrained')
    FigureCanvasAgg(figure)
    height, width = result.img_shape
    fps = f', {result.fps:.4g} frames/s' if result.fps else ''
    title = title or f'{result.name}: {result.num_frames} frames, {width} x {height}{fps}'
    figure.suptitle(title, fontsize=12)
    grid = figure.add_gridspec(len(heights), 1, height_ratios=heights)
    timeline = figure.add_subplot(grid[0])
    timeline.set_xlim(0, max(result.num_frames, 1))
    _draw_timeline(timeline, persons, len(result.persons))
    if several:
        _draw_votes(figure.add_subplot(grid[1], sharex=timeline), persons, result.num_experts)
        _draw_confidence(figure.add_subplot(grid[2], sharex=timeline), persons, threshold)
    over_time = list(figure.axes)
    whose, windows, span, verdict = _windows_of(result)
    whose += f', {verdict.text}' * verdict.unknown
    row = grid[len(heights) - 2]
    if len(windows) > 1:
        over_time.append(figure.add_subplot(row, sharex=timeline))
        _draw_classes(over_time[-1], whose, windows, span, result.classes)
    else:
        _draw_one_window(figure.add_subplot(row), whose, windows, result.classes)
    for axes in over_time[:-1]:
        axes.tick_params(labelbottom=False)
    over_time[-1].set_xlabel('frame', color=_INK, fontsize=8)
    _draw_timings(figure.add_subplot(grid[len(heights) - 1]), result)
    figure.savefig(path)


def _color(track: int) -> tuple[float, float, float]:
    # The accents are made for a dark background.
    blue, green, red = track_color(track)
    return red / 330, green / 330, blue / 330


def _tidy(axes: Axes, title: str) -> None:
    axes.set_title(title, loc='left', fontsize=10, color=_INK)
    axes.spines[['top', 'right']].set_visible(False)
    axes.tick_params(labelsize=8, colors=_INK)


def _draw_timeline(axes: Axes, persons: Sequence[PersonActions], total: int) -> None:
    """One bar per person, over the frames in which the person was seen."""
    for row, person in enumerate(persons):
        track = person.track
        edges = np.flatnonzero(np.diff(np.concatenate([[0], track.seen, [0]])))
        spans = [(track.start + a, b - a) for a, b in edges.reshape(-1, 2)]
        axes.broken_barh(spans, (row - 0.35, 0.7), color=_color(track.track))
    axes.set_yticks(range(len(persons)), [f'person {person.track.track}' for person in persons])
    axes.set_ylim(len(persons) - 0.4, -0.6)
    more = f' (the first {len(persons)} of {total})' if total > len(persons) else ''
    _tidy(axes, f'Tracks{more}')


def _draw_votes(axes: Axes, persons: Sequence[PersonActions], num_experts: int) -> None:
    """How many experts saw each person."""
    for row, person in enumerate(persons):
        track = person.track
        if track.votes is not None:
            # shift the lines of several persons apart
            votes = np.where(track.seen, track.votes + 0.06 * (row - (len(persons) - 1) / 2), np.nan)
            frames = np.arange(track.start, track.end)
            axes.step(frames, votes, where='mid', color=_color(track.track), linewidth=1.4)
    axes.set_yticks(range(num_experts + 1))
    axes.set_ylim(0, num_experts + 0.4)
    axes.grid(axis='y', color='0.9', linewidth=0.6)
    _tidy(axes, f'Experts, of {num_experts}, that saw the person')


def _draw_confidence(axes: Axes, persons: Sequence[PersonActions], threshold: float | None) -> None:
    for person in persons:
        track = person.track
        agreed = track.seen if track.votes is None else track.votes > 1
        values = np.where(agreed, track.confidence, np.nan)
        frames = np.arange(track.start, track.end)
        known = np.isfinite(np.r_[np.nan, values, np.nan])
        alone = known[1:-1] & ~known[:-2] & ~known[2:]  # a line does not show a single value
        axes.plot(frames, values, color=_color(track.track), linewidth=1)
        axes.plot(frames[alone], values[alone], '.', color=_color(track.track), markersize=3)
    if threshold is not None:
        axes.axhline(threshold, color='0.5', linewidth=0.8, linestyle=':')
        axes.text(
            1.002, threshold, f'γ = {threshold:g}', transform=axes.get_yaxis_transform(), va='center', size=8
        )
    axes.set_ylim(0, 1.02)
    _tidy(
        axes, 'Confidence C of the aggregated skeletons (Eq. 3.4), where two or more experts saw the person'
    )


def _windows_of(result: RecognitionResult) -> tuple[str, list[ActionWindow], tuple[int, int], Verdict]:
    """Whose windows are shown (all persons, or the most important one that has any), span and verdict."""
    if result.windows:
        return 'all persons', result.windows, (0, result.num_frames), result.verdict
    for person in result.persons:
        if person.windows:
            track = person.track
            return f'person {track.track}', person.windows, (track.start, track.end), person.verdict
    return 'nobody', [], (0, result.num_frames), NO_VERDICT


def _draw_classes(
    axes: Axes, whose: str, windows: Sequence[ActionWindow], span: tuple[int, int], classes: Sequence[str]
) -> None:
    """Top classes over time."""
    # more points than pixels add nothing
    count = min(span[1] - span[0], 4000)
    frames = np.unique(np.linspace(span[0], span[1] - 1, count).round().astype(int))
    scores = scores_over_time(windows, frames)
    for k in np.argsort(-scores.max(axis=0), kind='stable')[:_MAX_CLASSES]:
        axes.plot(frames, scores[:, k], linewidth=1.6, label=_title(classes[k]))
    axes.set_ylim(0, 1.02)
    axes.legend(fontsize=8, loc='center left', bbox_to_anchor=(1.0, 0.5), frameon=False)
    _tidy(axes, f'Top classes of {whose} ({len(windows)} windows)')


def _draw_one_window(axes: Axes, whose: str, windows: Sequence[ActionWindow], classes: Sequence[str]) -> None:
    """Top classes of a single window, which has no course over time."""
    if not windows:
        axes.text(0.5, 0.5, 'nobody was seen long enough', transform=axes.transAxes, ha='center', color=_INK)
        _tidy(axes, 'Top classes')
        return
    scores = windows[0].scores
    top = np.argsort(-scores, kind='stable')[:_MAX_CLASSES]
    axes.barh(range(len(top)), scores[top], color='tab:blue', height=0.6)
    for row, k in enumerate(top):
        axes.text(scores[k] + 0.005, row, f'{scores[k]:.1%}', va='center', size=8)
    axes.set_yticks(range(len(top)), [_title(classes[k]) for k in top])
    axes.set_ylim(len(top) - 0.5, -0.5)
    axes.set_xlim(0, 1)
    _tidy(axes, f'Top classes of {whose} (one window, frames {windows[0].start} to {windows[0].end - 1})')


def _title(name: str) -> str:
    name = name.replace('_', ' ')
    return name if len(name) <= 30 else name[:29] + '…'


def _draw_timings(axes: Axes, result: RecognitionResult) -> None:
    stages = [(stage, entry['seconds'], entry['fps']) for stage, entry in result.timings.items()]
    longest = max([seconds for _, seconds, _ in stages], default=1.0)
    for row, (_, seconds, fps) in enumerate(stages):
        axes.barh(row, seconds, color='0.6', height=0.6)
        axes.text(seconds + longest * 0.01, row, f'{seconds:.2f} s, {fps:,.1f} frames/s', va='center', size=8)
    axes.set_yticks(range(len(stages)), [stage for stage, _, _ in stages])
    axes.set_ylim(len(stages) - 0.5, -0.5)
    axes.set_xlim(0, longest * 1.25)
    axes.set_xlabel('seconds', color=_INK, fontsize=8)
    _tidy(axes, 'Time of each stage')
