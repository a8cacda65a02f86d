"""The report of an extraction, and the log and list of skipped videos that it writes."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from mmactrep.files import read_text, reading
from mmactrep.store.format import StoreError

#: The file of a store that records what the extraction knows about each video, one line per video.
LOG_FILE = 'videos.jsonl'


@dataclass
class ExtractionReport:
    """What an extraction did.

    Args:
        root: The store.
        videos: Videos of this shard.
        clips: Clips in the store.
        resumed: Videos that an earlier attempt had finished.
        frames: Frames processed.
        seconds: Time of each stage: decoding, every expert, aggregation.
        skipped: Skipped videos, with the reason.
        notes: What a user should know about the other videos.
        votes: (E,) number of frames in which 1, ..., E experts saw a person, over all clips.
    """

    root: Path
    videos: int = 0
    clips: int = 0
    resumed: int = 0
    frames: int = 0
    seconds: dict[str, float] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    notes: dict[str, list[str]] = field(default_factory=dict)
    votes: list[int] = field(default_factory=list)

    @property
    def skipped_file(self) -> Path:
        """The list of skipped videos next to the store, with one line ``clip id, tab, reason`` per video."""
        return self.root.with_name(self.root.name + '.skipped.txt')

    def write_skipped(self) -> None:
        """Write that file, or remove one of an earlier attempt, which would be mistaken for this one's."""
        if self.skipped:
            lines = [f'{name}\t{one_line(reason)}\n' for name, reason in self.skipped.items()]
            self.skipped_file.write_text(''.join(lines), encoding='utf-8')
        else:
            self.skipped_file.unlink(missing_ok=True)

    def take(self, entries: Iterable[VideoEntry]) -> None:
        """Add up the votes and notes of the videos that gave clips."""
        entries = list(entries)
        self.notes = {entry.video: list(entry.notes) for entry in entries if entry.notes}
        counts = [row for entry in entries for clip in entry.votes.values() for row in clip]
        self.votes = np.sum(counts, axis=0).tolist() if counts else []

    @property
    def agreement(self) -> str:
        """A line on how many experts saw the persons; empty for a single expert."""
        total = sum(self.votes)
        if len(self.votes) < 2 or not total:
            return ''
        shares = [f'{count / total:.0%} by {n}' for n, count in enumerate(self.votes, 1)]
        return f'persons seen by so many of {len(self.votes)} experts: {", ".join(reversed(shares))}'


@dataclass(frozen=True)
class VideoEntry:
    """A line of :data:`LOG_FILE`.

    Args:
        video: Name of the video.
        clips: Its clips in the store.
        votes: For each clip, one row per person: the numbers of frames in which 1, ..., E experts saw them.
        notes: What a user should know about the video.
        details: What else is known, of a data set that was built from lists: see
            :class:`~mmactrep.pose.extraction.building.outcomes.Outcome`.
    """

    video: str
    clips: list[str]
    votes: dict[str, list[list[int]]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    details: dict = field(default_factory=dict)

    @property
    def line(self) -> str:
        """The line as it is in the file."""
        content = {name: value for name, value in vars(self).items() if name != 'details' or value}
        return json.dumps(content, ensure_ascii=True) + '\n'

    @classmethod
    def read(cls, line: str) -> VideoEntry:
        """The entry of a line; lines of older versions have no votes and no notes."""
        content = json.loads(line)
        return cls(*(content.get(name, type_()) for name, type_ in _FIELDS.items()))


_FIELDS = dict(video=str, clips=list, votes=dict, notes=list, details=dict)


def read_log(root: str | os.PathLike) -> list[VideoEntry]:
    """The extraction's entries for the videos of a store, in order; empty for a store made in another way.

    Raises:
        StoreError: If the file is damaged.
    """
    return [*entries_of(Path(root) / LOG_FILE)]


def entries_of(path: Path) -> Iterator[VideoEntry]:
    """The entries of a log, one after another; none if there is no such file.

    Raises:
        StoreError: If a line is damaged.
    """
    if not path.exists():
        return
    with open(path, encoding='utf-8', errors='surrogateescape') as file:
        for number, line in enumerate(file, 1):
            with reading(path, f'a line of JSON per video, in line {number}', error=StoreError):
                entry = VideoEntry.read(line)
            yield entry


def log_beside(root: Path) -> Path:
    """Where the log of a shard without clips is kept, as it has no store."""
    return root.with_name(f'{root.name}.{LOG_FILE}')


def log_of(root: Path) -> Path:
    """The log of a store, or of a shard without clips."""
    own = root / LOG_FILE
    return own if own.exists() else log_beside(root)


def read_skipped(path: Path) -> dict[str, str]:
    """The videos that an extraction skipped, with the reason; none if there is no such file."""
    if not path.exists():
        return {}
    return dict(line.split('\t', 1) for line in read_text(path).splitlines() if '\t' in line)


def one_line(text: str) -> str:
    """A text as one line of UTF-8: file names may contain line ends, and bytes that are not text."""
    return ' '.join(text.split()).encode(errors='backslashreplace').decode()
