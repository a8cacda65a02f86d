"""The journal of an unfinished store: one line of JSON per clip, written after the clip's rows."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from mmactrep.files import reading, shown

from .format import StoreError


def journal_line(clip: dict) -> bytes:
    """A clip's line, with the newline that completes it."""
    return (json.dumps(clip) + '\n').encode('ascii')


@dataclass(frozen=True)
class Journal:
    """How the lines of a kind of store are read.

    Args:
        fields: Fields of a line and their types; ``id`` is the clip's name.
        rows_after: Number of rows in the store when a clip is in it, from the clip and the number before;
            raises ``ValueError`` if the clip is impossible.
    """

    fields: Mapping[str, type | tuple[type, ...]]
    rows_after: Callable[[dict, int], int]

    def read(self, path: Path, rows_there: int) -> tuple[dict[str, int], int, int]:
        """Read the journal of an earlier attempt up to the last clip whose line and rows are complete.

        Args:
            path: The journal; it may be absent.
            rows_there: Complete rows in the array files.

        Returns:
            The clips by name with their numbers, in order, the number of rows that they take, and the size of
            their lines in bytes.

        Raises:
            StoreError: If a complete line is damaged, or names a clip again.
        """
        clips: dict[str, int] = {}
        rows, length = 0, 0
        if not path.exists():
            return clips, rows, length
        with open(path, 'rb') as journal:
            for number, raw in enumerate(journal, 1):
                if not raw.endswith(b'\n'):  # the process was killed while writing
                    break
                clip, after = self._parsed(raw, rows, path, number)
                if clip['id'] in clips:
                    raise StoreError(
                        f"{path}, line {number}: clip '{clip['id']}' occurs twice, so two processes wrote "
                        'this unfinished store; remove its folder and start again'
                    )
                if after > rows_there:
                    break
                rows = after
                length += len(raw)
                clips[clip['id']] = len(clips)
        return clips, rows, length

    def entries(self, path: Path, size: int) -> Iterator[dict]:
        """The clips of the first ``size`` bytes, one after another: a million would fill the memory.

        Raises:
            StoreError: If a line is damaged.
        """
        rows, done = 0, 0
        with open(path, 'rb') as journal:
            for number, raw in enumerate(journal, 1):
                if done == size:
                    return
                done += len(raw)
                clip, rows = self._parsed(raw, rows, path, number)
                yield clip

    def _parsed(self, raw: bytes, rows: int, path: Path, number: int) -> tuple[dict, int]:
        with reading(path, f'a line of JSON for a clip in line {number}', StoreError):
            clip = json.loads(raw)
            for field, kind in self.fields.items():
                if not isinstance(clip[field], kind):
                    raise ValueError(f'{field!r} is {shown(clip[field], 40)}')
            return clip, self.rows_after(clip, rows)
