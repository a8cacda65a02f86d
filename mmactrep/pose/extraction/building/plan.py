"""All rows of all sources, checked before hours of work, and the part of them that is this process's."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from mmactrep.files import shown
from mmactrep.store.shards import Shard

from .listed import BuildError
from .sources import Row, Source
from .video_finder import find_video

SKIP_HINT = '--skip-bad lists such rows and goes on'


@dataclass
class Plan:
    """What is to be done.

    Args:
        sources: The sources.
        rows: The rows of this process, their videos found.
        total: Number of rows of all processes.
        sha256: Checksum of all rows, independent of where the files are.
        classes: Class names, in the order of the labels.
        splits: Names of the splits.
        notes: What the user should know about the lists, one sentence each.
    """

    sources: Sequence[Source]
    rows: list[Row]
    total: int
    sha256: str
    classes: list[str]
    splits: list[str]
    notes: list[str] = field(default_factory=list)


def make_plan(
    sources: Sequence[Source],
    shard: Shard | None = None,
    classes: Sequence[str] | None = None,
    skip_bad: bool = False,
) -> Plan:
    """Read all lists, number the classes, and find the videos of one process.

    The lists are read twice, so that a process keeps its own rows only.

    Args:
        sources: Where clips come from.
        shard: The part of this process. Default: all.
        classes: Class names. Default: those to which the mappings lead and those that occur, sorted.
        skip_bad: Keep rows with a problem, to be listed, instead of refusing them.

    Raises:
        BuildError: At the first row with a problem, if ``skip_bad`` is off; or if there are no rows, or a
            class is not one of ``classes``.
        UserError: If a list or a folder cannot be read.
    """
    shard = shard or Shard()
    digest, total = hashlib.sha256(), 0
    labels: Counter[str] = Counter()
    splits: dict[str, None] = {}
    bad: list[str] = []
    for row in all_rows(sources, classes):
        total += 1
        digest.update(
            repr((row.clip_id, row.label, row.splits, row.start, row.end, bool(row.problem))).encode()
        )
        if row.problem:
            bad.append(row.problem)
        elif not row.dropped:
            labels[row.label] += 1
            splits |= dict.fromkeys(row.splits)
    _refuse(bad, skip_bad)
    if not total:
        raise BuildError(f'no clips in {", ".join(source.path for source in sources)}')
    kept = labels.total()
    if not kept:
        raise BuildError(f'none of the {total} rows can be used' + (f', the first: {bad[0]}' if bad else ''))
    targets = set().union(*(source.mapping.targets for source in sources))
    names = sorted(targets | set(labels) - {''}) if classes is None else list(classes)
    notes = _mapping_notes(sources)
    mine = [_resolved(sources, row) for row in _slice(all_rows(sources, classes), shard, total)]
    _refuse([row.problem for row in mine if row.problem], skip_bad)
    return Plan(sources, mine, total, digest.hexdigest(), names, sorted(splits), notes)


def all_rows(sources: Sequence[Source], classes: Sequence[str] | None) -> Iterator[Row]:
    """The rows of all sources; names that come again, and classes outside the list, are problems."""
    seen: dict[str, str] = {}
    known = None if classes is None else set(classes)
    for source in sources:
        for row in source.rows():
            if row.problem:
                yield row
                continue
            first = seen.setdefault(row.clip_id, row.where)
            if first is not row.where:
                row = replace(row, problem=f"its clip '{row.clip_id}' is that of {first} too")
            elif known is not None and row.label and not row.dropped and row.label not in known:
                row = replace(row, problem=f'{shown(row.label)} is not one of the {len(known)} classes')
            yield row


def _slice(rows: Iterator[Row], shard: Shard, total: int) -> Iterator[Row]:
    own = shard.of(range(total))
    for number, row in enumerate(rows):
        if number >= own.stop:
            return
        if number >= own.start:
            yield row


def _resolved(sources: Sequence[Source], row: Row) -> Row:
    return row if row.problem or row.dropped else find_video(sources[row.source], row)


def _refuse(problems: Sequence[str], skip_bad: bool) -> None:
    if problems and not skip_bad:
        more = f', and {len(problems) - 1} more rows like it' if len(problems) > 1 else ''
        raise BuildError(f'{problems[0]}{more} ({SKIP_HINT})')


def _mapping_notes(sources: Sequence[Source]) -> list[str]:
    """Labels of a mapping that no row has: a slip in the mapping, or in the list."""
    notes = []
    for mapping in {id(source.mapping): source.mapping for source in sources}.values():
        unused = mapping.unused
        if unused:
            more = f' and {len(unused) - 5} more' if len(unused) > 5 else ''
            notes.append(f'{mapping.path}: no row has the label {", ".join(map(repr, unused[:5]))}{more}')
    return notes
