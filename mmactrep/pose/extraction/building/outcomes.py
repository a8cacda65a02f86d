"""What became of each row of the lists: a line of the store's log for every one, so that nothing is lost."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from mmactrep.files import reading
from mmactrep.pose.extraction.report import LOG_FILE, VideoEntry, entries_of
from mmactrep.store.array_file import GrowingFile
from mmactrep.store.format import StoreError

from .sources import Row

#: Why a row has no clip, in the order of a table, and what that means.
REASONS = dict(
    bad='the row or its video cannot be used',
    label='its label is dropped by the mapping',
    nobody='nobody was found in the video',
    few='no body in over half of the frames',
)


@dataclass(frozen=True)
class Outcome:
    """What became of a row.

    Args:
        name: Name of its clip, or where the row stands if it has no valid name.
        kept: Whether the clip is in the store.
        reason: Key of :data:`REASONS` if it is not.
        why: That in a sentence.
        where: File and line of the row.
        label: Its class; the label in the list if that is dropped.
        splits: Names of its splits.
        source: Number of its source.
        video: Name of its video in the source.
        path: Path of the video below the folder of the source's videos.
        start: First second in the file; None if all of it was used.
        end: Last second in the file; None for its end.
        frames: Frames T of the clip.
        bodies: Number of frames in which 0, 1, 2, ... persons were seen.
        share: Share of the frames in which one of the persons kept was seen.
        confidence: Mean of C (Eq. 3.4); None if no two experts saw the same person.
        score: Mean score of the joints seen.
        votes: For each person, the numbers of frames in which 1, 2, ... experts saw them.
        notes: What the user should know about the clip.
    """

    name: str
    kept: bool = False
    reason: str = ''
    why: str = ''
    where: str = ''
    label: str = ''
    splits: tuple[str, ...] = ()
    source: int = 0
    video: str = ''
    path: str = ''
    start: float | None = None
    end: float | None = None
    frames: int = 0
    bodies: tuple[int, ...] = ()
    share: float = 0.0
    confidence: float | None = None
    score: float | None = None
    votes: list[list[int]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @classmethod
    def of_row(cls, row: Row, **found: object) -> Outcome:
        """The outcome of a row, with what was found."""
        return cls(
            row_name(row), where=row.where, label=row.label, splits=row.splits, source=row.source,
            video=row.video, start=row.start, end=row.end, **found,
        )  # fmt: skip

    @property
    def line(self) -> str:
        """The line of the log."""
        details = {
            name: value for name, value in asdict(self).items() if name not in _OWN and value != _EMPTY[name]
        }
        clips = [self.name] if self.kept else []
        votes = {self.name: self.votes} if self.kept else {}
        return VideoEntry(self.name, clips, votes, self.notes, dict(details, reason=self.reason)).line

    @classmethod
    def of_entry(cls, entry: VideoEntry) -> Outcome:
        """The outcome that an entry tells; of a store that was not built from lists, as far as it does."""
        details = {name: value for name, value in entry.details.items() if name in _EMPTY}
        for name in ('splits', 'bodies'):
            details[name] = tuple(details.get(name, ()))
        votes = [row for clip in entry.clips for row in entry.votes.get(clip, [])]
        return cls(entry.video, bool(entry.clips), votes=votes, notes=entry.notes, **details)


_OWN = ('name', 'kept', 'votes', 'notes')
_EMPTY = {name: value for name, value in asdict(Outcome('')).items() if name not in _OWN}


def row_name(row: Row) -> str:
    """What the log calls a row."""
    return row.clip_id if row.clip_id and not row.problem else row.where


def read_outcomes(path: Path) -> Iterator[Outcome]:
    """The outcomes of a log, one after another.

    Args:
        path: The log, or the folder of the store.

    Raises:
        StoreError: If a line is damaged.
    """
    return map(Outcome.of_entry, entries_of(path / LOG_FILE if path.is_dir() else path))


class RowLog:
    """The log of a running build: line n tells what became of row n.

    A log of an attempt that was killed is continued behind its last whole line.

    Args:
        path: The file.
        rows: The rows.
        stores: Names of the clips in the unfinished stores; a line whose clip is not in all of them does not
            count, nor do those behind it.

    Raises:
        StoreError: If a line is not that of its row.
    """

    def __init__(self, path: Path, rows: Sequence[Row], stores: Iterable[Collection[str]]) -> None:
        self.done, size = 0, 0
        if path.exists():
            with open(path, 'rb') as file:
                for number, raw in enumerate(file):
                    if not raw.endswith(b'\n'):
                        break
                    with reading(path, f'a line of JSON per row, in line {number + 1}', StoreError):
                        entry = VideoEntry.read(raw.decode())
                    if number >= len(rows) or entry.video != row_name(rows[number]):
                        raise StoreError(
                            f'{path}: line {number + 1} is not about row {number + 1} of the lists'
                        )
                    if not all(clip in store for clip in entry.clips for store in stores):
                        break
                    self.done, size = number + 1, size + len(raw)
        self._file = GrowingFile(path, size)

    def add(self, outcome: Outcome) -> None:
        """Write the line of the next row."""
        self._file.append(outcome.line.encode('ascii'))
        self.done += 1

    def __enter__(self) -> RowLog:
        return self

    def __exit__(self, *_) -> None:
        self._file.close()


def count_outcomes(outcomes: Iterable[Outcome]) -> dict[str, int]:
    """Number of rows by reason; those that are kept under ``''``."""
    counts = dict.fromkeys(('', *REASONS), 0)
    for outcome in outcomes:
        counts[outcome.reason] = counts.get(outcome.reason, 0) + 1
    return counts
