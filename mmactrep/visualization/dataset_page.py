"""The report of a data set as one HTML file, its pictures inside: it opens without a server or a network."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from pathlib import Path

import cv2
import numpy as np

from mmactrep.pose.extraction.building.outcomes import REASONS, read_outcomes
from mmactrep.pose.extraction.building.statistics import DatasetStatistics, dataset_statistics
from mmactrep.store.reader import SkeletonStore

from .clip_sheet import draw_clip_sheet
from .dataset_plots import draw_classes, draw_distributions, draw_left_out
from .html_page import html_page, html_picture, html_table, write_page

PAGE_FILE = 'report.html'
_SHOWN_CLIPS, _SHOWN_LABELS, _SHOWN_SPLITS = 6, 40, 8


def write_dataset_page(root: Path, store: SkeletonStore, title: str | None = None, seed: int = 0) -> Path:
    """Write ``root/report.html`` about a data set that was built from lists.

    Args:
        root: Folder of the page.
        store: The 2D store, with its log.
        title: Title. Default: the name of the folder.
        seed: Which clips are drawn.

    Returns:
        The page.
    """
    statistics = dataset_statistics(store, read_outcomes(store.root))
    text = dataset_page(statistics, sample_sheet(store, seed), title or root.resolve().name, _origin(store))
    return write_page(root / PAGE_FILE, text)


def dataset_page(
    statistics: DatasetStatistics,
    sheet: np.ndarray | None,
    title: str,
    origin: Sequence[tuple[str, str]] = (),
) -> str:
    """The page.

    Args:
        statistics: What it tells.
        sheet: (H, W, 3) uint8, BGR: some clips drawn; None for none.
        title: Title.
        origin: Names and values of settings.
    """
    parts = [f'<h1>{html.escape(title)}</h1>', _summary(statistics)]
    parts += ['<h2>What was left out</h2>', _picture(draw_left_out(statistics)), _left_out(statistics)]
    if statistics.classes:
        parts += ['<h2>Clips a class</h2>', _picture(draw_classes(statistics)), _class_table(statistics)]
    parts += ['<h2>Lengths, bodies, confidence</h2>', _picture(draw_distributions(statistics))]
    if sheet is not None:
        parts += ['<h2>Some clips, drawn at random</h2>', _picture(cv2.imencode('.png', sheet)[1].tobytes())]
    parts += ['<h2>Settings</h2>', html_table((), origin)]
    body = '\n'.join(parts)
    return html_page(title, body)


def sample_sheet(store: SkeletonStore, seed: int = 0, count: int = _SHOWN_CLIPS) -> np.ndarray:
    """Pictures of some clips, (H, W, 3) uint8, BGR."""
    rng = np.random.default_rng(seed)
    rows = np.sort(rng.choice(len(store), min(count, len(store)), replace=False))
    clips = [store[int(row)] for row in rows]
    names = [store.classes[clip['label']] if clip['label'] >= 0 else 'no class' for clip in clips]
    return draw_clip_sheet(clips, [f'{clip["frame_dir"]}: {name}' for clip, name in zip(clips, names)])


def _duration(seconds: float) -> str:
    return f'{seconds / 3600:,.2f} h' if seconds >= 3600 else f'{seconds:.0f} s'


def _summary(found: DatasetStatistics) -> str:
    clips, rows = len(found.frames), sum(found.counts.values())
    known = found.seconds[np.isfinite(found.seconds)]
    duration = _duration(known.sum()) if len(known) else 'unknown'
    sizes = [f'{name}: {int(counts.sum()):,}' for name, counts in found.class_counts.items() if name]
    more = f' and {len(sizes) - _SHOWN_SPLITS} more' if len(sizes) > _SHOWN_SPLITS else ''
    splits = ', '.join(sizes[:_SHOWN_SPLITS]) + more
    lines = [
        ('rows of the lists', f'{rows:,}'),
        ('clips', f'{clips:,} ({clips / max(rows, 1):.1%} of the rows)'),
        ('labeled clips of each split', splits or 'no splits'),
        (
            'classes',
            f'{len(found.classes):,}' + (f', and {found.unlabeled:,} clips without' * (found.unlabeled > 0)),
        ),
        ('frames', f'{int(found.frames.sum()):,}, {duration}'),
        ('persons', f'{int(found.persons.sum()):,}, {found.persons.mean():.2f} a clip'),
        ('clips with a note', f'{found.noted:,}'),
    ]
    return html_table((), lines)


def _left_out(found: DatasetStatistics) -> str:
    labels = [f'{name} ({count:,})' for name, count in found.dropped_labels.most_common(_SHOWN_LABELS)]
    more = len(found.dropped_labels) - len(labels)
    lines = []
    for reason, meaning in REASONS.items():
        examples = found.examples.get(reason, [])
        if reason == 'label' and labels:
            examples = [', '.join(labels) + (f' and {more} more' if more else '')]
        cells = f'{html.escape(meaning)}{_small(examples)}'
        lines.append(f'<tr><td class="n">{found.counts.get(reason, 0):,}</td><td>{cells}</td></tr>')
    notes = f'<p>The first notes on clips that were kept:</p>{_small(found.notes)}' if found.notes else ''
    return f'<table>{"".join(lines)}</table>{notes}'


def _small(lines: Iterable[str]) -> str:
    return ''.join(f'<div class="why">{html.escape(line)}</div>' for line in lines)


def _class_table(found: DatasetStatistics) -> str:
    splits = [name for name in found.class_counts if name][:_SHOWN_SPLITS]
    head = ('class', 'clips', *splits, *(f'without: {reason}' for reason in REASONS if reason != 'label'))
    kept = [number for number, reason in enumerate(REASONS) if reason != 'label']
    lines = [
        (name, *(f'{int(found.class_counts[split][row]):,}' for split in ('', *splits)),
         *(f'{int(found.left_out[row, number]):,}' for number in kept))
        for row, name in enumerate(found.classes)
    ]  # fmt: skip
    table = html_table(head, lines)
    return f'<details><summary>All {len(found.classes):,} classes as a table</summary>{table}</details>'


def _picture(png: bytes) -> str:
    return f'<p>{html_picture(png)}</p>'


def _origin(store: SkeletonStore) -> list[tuple[str, str]]:
    """The settings that the store records, one a line."""
    found = [('layout', store.layout.name), ('numbers', store.meta['dtype'])]
    for name, value in store.attributes.items():
        inner = value.items() if isinstance(value, dict) else [('', value)]
        found += [(f'{name} {key}'.strip(), str(each)) for key, each in inner]
    return found
