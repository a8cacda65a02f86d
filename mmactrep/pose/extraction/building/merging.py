"""The shards of a data set become the whole, after a check that no row is lost or there twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from mmactrep.pose.extraction.merging import merge_stores
from mmactrep.pose.extraction.report import log_of
from mmactrep.store.format import StoreError
from mmactrep.store.shards import EMPTY, find_shards, finished_clips, shard_origin
from mmactrep.store.skipped import skipped_file, write_skipped

from .outcomes import Outcome, count_outcomes, read_outcomes
from .plan import all_rows
from .settings import FLAT, SOLID, BuildReport
from .sources import Source


def merge_dataset(
    sources: Sequence[Source],
    root: Path,
    classes: Sequence[str] | None = None,
    overwrite: bool = False,
    checksums: bool = True,
) -> BuildReport:
    """Merge the shards of ``root/2d``, and of ``root/3d`` if there are any.

    Args:
        sources: The sources of which the shards were built.
        root: Folder of the data set.
        classes: Their class names, if they were given.
        overwrite: Replace finished stores once the new ones are complete.
        checksums: Verify every shard first.

    Raises:
        FileExistsError: If there is a finished store and ``overwrite`` is off.
        StoreError: If a shard is absent or not intact, or was made with other settings, or the logs do not
            tell of every row of the lists once and in order.
    """
    names = [FLAT, *([SOLID] if any(root.glob(f'{SOLID}.shard-*')) else [])]
    shards = {name: find_shards(root / name) for name in names}
    # before hours of copying
    for parts in shards.values():
        check_rows(sources, parts, classes)
    for name in reversed(names):
        # a merge that was killed between two stores goes on
        if overwrite or finished_clips(root / name, shard_origin(shards[name][0])) is None:
            merge_stores(shards[name], root / name, overwrite, checksums)
    report = BuildReport(root, counts=count_outcomes(read_outcomes(root / FLAT)))
    report.rows, report.skipped_file = sum(report.counts.values()), skipped_file(root / FLAT)
    skipped = {
        outcome.name: outcome.why
        for outcome in read_outcomes(root / FLAT)
        if outcome.reason not in ('', 'label')
    }
    write_skipped(root / FLAT, skipped)
    return report


def check_rows(
    sources: Sequence[Source], parts: Sequence[Path], classes: Sequence[str] | None = None
) -> None:
    """Check that the logs of shards tell of every row of the lists, once and in order.

    Raises:
        StoreError: If they do not; the message names the first row that is missing, or too many.
    """
    told = _outcomes(parts)
    for row in all_rows(sources, classes):
        outcome = next(told, None)
        if outcome is None:
            raise StoreError(f'{parts[-1]}: row {row.where} is in no log: were the lists changed since?')
        if outcome.name not in (row.clip_id, row.where):
            raise StoreError(
                f"{parts[0].parent}: expected row {row.where}, clip '{row.clip_id}', in the logs of the "
                f"shards, found '{outcome.name}': were the lists changed since?"
            )
    extra = next(told, None)
    if extra is not None:
        raise StoreError(f"{parts[-1]}: '{extra.name}' is in the logs and in none of the lists")


def _outcomes(parts: Sequence[Path]) -> Iterator[Outcome]:
    for part in parts:
        log = log_of(part.with_name(part.name.removesuffix(EMPTY)))
        if not log.exists():
            raise StoreError(f'{part}: it has no log of its rows; was it built by mmactrep build?')
        yield from read_outcomes(log)
