"""The clips that a user gives, checked before anything takes long."""

from __future__ import annotations

import hashlib
import os
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from mmactrep.pose.extraction.building.config import one_source
from mmactrep.pose.extraction.building.plan import Plan, make_plan
from mmactrep.pose.extraction.building.sources import Row
from mmactrep.store.format import META_FILE
from mmactrep.video.suffixes import VIDEO_SUFFIXES

from .settings import TeachError, TeachSettings

_SHOWN = 5


def is_store(source: str) -> bool:
    """Whether the input is a store of skeletons, not videos."""
    return Path(source, META_FILE).is_file()


def read_plan(settings: TeachSettings) -> Plan:
    """The clips of a folder or list of videos; raises before any video is opened.

    Raises:
        TeachError: If no model can be trained on them: see :func:`check_classes` and :func:`check_videos`.
        UserError: If a list cannot be read, or a row cannot be used and ``skip_bad`` is off.
    """
    if Path(settings.source).is_file() and Path(settings.source).suffix.lower() in VIDEO_SUFFIXES:
        raise TeachError(
            f'{settings.source}: one video; expected a folder with a folder of videos a class, a list, or '
            'a store'
        )
    source = one_source(settings.source, settings.videos, None, None, '', None)
    plan = make_plan([source], skip_bad=settings.skip_bad)
    rows = [row for row in plan.rows if not row.problem]
    unlabeled = [row.where for row in rows if not row.label]
    if unlabeled:
        raise TeachError(
            f'{len(unlabeled)} of {len(rows)} clips have no class, the first: {unlabeled[0]}; put each video '
            'into the folder of its class, or give the list a column label'
        )
    check_videos(rows)
    check_classes(Counter(row.label for row in rows), settings.source)
    return plan


def check_classes(counts: Mapping[str, int], source: str, what: str = 'clips') -> None:
    """Refuse fewer than two classes, and a class of one clip: it cannot be both for training and test.

    Args:
        counts: Clips of each class.
        source: Where they come from, for the message.
        what: What is counted, in the plural.

    Raises:
        TeachError: With the names.
    """
    single = sorted(name for name, count in counts.items() if count < 2)
    if single:
        more = f' and {len(single) - _SHOWN} more' if len(single) > _SHOWN else ''
        names = ', '.join(f"'{name}' ({counts[name]})" for name in single[:_SHOWN]) + more
        raise TeachError(
            f'{source}: expected two {what} or more of each class, one to train on and one to test on; '
            f'these have fewer: {names}; add videos, or leave the class out'
        )
    kept = {name: count for name, count in counts.items() if count}
    if len(kept) < 2:
        found = f"only '{next(iter(kept))}'" if kept else 'none'
        raise TeachError(
            f'{source}: expected two classes or more to tell apart, found {found}; each class is a folder of '
            'videos, or a label in the list'
        )


def check_videos(rows: Sequence[Row]) -> None:
    """Refuse the same clip in two classes: the same part of a file, or of files with the same content.

    Raises:
        TeachError: With the classes and the first such clip.
    """
    seen: dict[tuple, Row] = {}
    twice: dict[tuple[str, str], list[tuple[Row, Row]]] = defaultdict(list)
    for row, content in zip(rows, _contents(rows)):
        first = seen.setdefault((content, row.start, row.end), row)
        if first.label != row.label:
            twice[first.label, row.label].append((first, row))
    if twice:
        (one, other), pairs = max(twice.items(), key=lambda item: len(item[1]))
        first, second = pairs[0]
        raise TeachError(
            f"the classes '{one}' and '{other}' have {len(pairs)} clip(s) in common, so they cannot be told "
            f'apart; the first: {first.path} and {second.path}'
        )


def _contents(rows: Sequence[Row]) -> Iterator[str]:
    """What a row's file contains; files are compared by content where their sizes are equal."""
    sizes = {row.path: os.path.getsize(row.path) for row in rows}
    alike = Counter(sizes.values())
    digests: dict[str, str] = {}
    for row in rows:
        if alike[sizes[row.path]] == 1:
            yield row.path
            continue
        if row.path not in digests:
            digests[row.path] = _digest(row.path)
        yield digests[row.path]


def _digest(path: str) -> str:
    digest = hashlib.sha256()
    with open(path, 'rb') as file:
        while block := file.read(2**20):
            digest.update(block)
    return digest.hexdigest()
