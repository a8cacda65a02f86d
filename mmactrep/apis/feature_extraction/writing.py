"""What the extraction of features from texts and from videos share: the store, its resumption, the report."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from mmactrep.pose.extraction.report import one_line, read_skipped
from mmactrep.store.feature_writer import FeatureStoreWriter
from mmactrep.store.format import StoreError
from mmactrep.store.shards import Shard, finished_clips, note_empty
from mmactrep.store.skipped import skipped_file, write_skipped

# Maximum number of skipped clips that are printed; the file lists all of them.
_SHOWN = 10


class Teacher(Protocol):
    """What a store records of a teacher; see :mod:`mmactrep.models.teachers`."""

    name: str
    dimension: int


@dataclass
class FeatureReport:
    """What an extraction of features did.

    Args:
        root: The feature store.
        kind: 'text' or 'video'.
        clips: Clips of this shard.
        entries: Those that have features.
        resumed: Those that an earlier attempt had finished.
        frames: Frames that the teacher saw.
        seconds: Time of each stage.
        skipped: Clips whose video cannot be used, with the reason.
    """

    root: Path
    kind: str
    clips: int
    entries: int = 0
    resumed: int = 0
    frames: int = 0
    seconds: dict[str, float] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)

    @property
    def without(self) -> int:
        """Clips that have no text or no video."""
        return self.clips - self.entries - len(self.skipped)

    def lines(self) -> Iterator[str]:
        """The report in plain words."""
        resumed = f' ({self.resumed} of an earlier attempt)' if self.resumed else ''
        yield f'{self.root}: features of {self.entries} of {_clips(self.clips)}{resumed}'
        if self.without:
            yield f'{_clips(self.without)} without a {self.kind}, and so without an entry'
        if self.frames:
            for stage, seconds in self.seconds.items():
                yield f'  {stage:24s} {self.frames / max(seconds, 1e-9):9.1f} frames/s'
        if self.skipped:
            yield f'skipped {_clips(len(self.skipped))}, listed in {skipped_file(self.root)}:'
            yield from (f'  {one_line(reason)}' for reason in list(self.skipped.values())[:_SHOWN])


def write_features(
    root: str | os.PathLike,
    teacher: Teacher,
    kind: str,
    origin: Mapping,
    clips: int,
    fill: Callable[[FeatureStoreWriter, FeatureReport], None],
    shard: Shard | None = None,
    overwrite: bool = False,
) -> FeatureReport:
    """Write a feature store, resuming an unfinished attempt; a finished one is left as it is.

    Args:
        root: Folder of the store; a shard's store is next to it, see :meth:`Shard.root`.
        teacher: The teacher.
        kind: 'text' or 'video'.
        origin: What determines the features besides the teacher; the store's attributes.
        clips: Number of clips of this shard.
        fill: Adds the clips that the writer lacks, and notes in the report which are skipped.
        shard: The part of this process. Default: all.
        overwrite: Replace a finished store once the new one is complete.

    Raises:
        FileExistsError: If there is a finished store of another origin, and ``overwrite`` is off.
        StoreError: If another process is writing it, an unfinished attempt was begun with other settings, or
            no clip has features.
    """
    shard = shard or Shard()
    report = FeatureReport(shard.root(Path(root)), kind, clips)
    origin = dict(origin) | (dict(shard=[shard.index, shard.count]) if shard.count > 1 else {})
    origin = json.loads(json.dumps(origin))
    settings = dict(teacher=teacher.name, kind=kind, dimension=teacher.dimension)
    finished = None if overwrite else finished_clips(report.root, origin, **settings)
    if finished is not None:
        report.entries = report.resumed = finished
        report.skipped = read_skipped(skipped_file(report.root))
        return report
    with FeatureStoreWriter(report.root, attributes=origin, overwrite=overwrite, **settings) as writer:
        report.resumed = len(writer)
        fill(writer, report)
        write_skipped(report.root, {name: one_line(reason) for name, reason in report.skipped.items()})
        report.entries = len(writer)
        if report.entries:
            writer.finish()
        elif shard.count == 1:
            writer.discard()  # other settings may be tried
            listed = f', see {skipped_file(report.root)}' if report.skipped else ''
            raise StoreError(
                f'{report.root}: none of the {clips} clips has a {kind} that can be used{listed}'
            )
        else:
            note_empty(report.root, origin)
            writer.discard()
    return report


def _clips(count: int) -> str:
    return f'{count} clip{"s" * (count != 1)}'
