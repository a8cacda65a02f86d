"""The journal of an unfinished store: one line of JSON per clip, written after the clip's rows."""

from __future__ import annotations

import json
from pathlib import Path

from mmactrep.files import reading, shown

from .format import StoreError

_FIELDS = dict(
    id=str, persons=int, frames=int, label=int, height=int, width=int, fps=(int, float), segments=list
)


def journal_line(clip: dict) -> bytes:
    """A clip's line, with the newline that completes it."""
    return (json.dumps(clip) + '\n').encode('ascii')


def read_journal(path: Path, rows_there: int) -> tuple[dict[str, dict], int, int]:
    """Read the journal of an earlier attempt up to the last clip whose line and rows are complete.

    Args:
        path: The journal; it may be absent.
        rows_there: Complete rows in the array files.

    Returns:
        The clips by name, in order, the number of rows that they take, and the size of their lines in bytes.

    Raises:
        StoreError: If a complete line is damaged, or names a clip again.
    """
    clips: dict[str, dict] = {}
    rows, length = 0, 0
    if not path.exists():
        return clips, rows, length
    with open(path, 'rb') as journal:
        for number, raw in enumerate(journal, 1):
            if not raw.endswith(b'\n'):  # the process was killed while writing
                break
            clip = _parsed(raw, path, number)
            if clip['id'] in clips:
                raise StoreError(
                    f"{path}, line {number}: clip '{clip['id']}' occurs twice, so two processes wrote "
                    'this unfinished store; remove its folder and start again'
                )
            clip_rows = clip['persons'] * clip['frames']
            if rows + clip_rows > rows_there:
                break
            rows += clip_rows
            length += len(raw)
            clips[clip['id']] = clip
    return clips, rows, length


def _parsed(raw: bytes, path: Path, number: int) -> dict:
    with reading(path, f'a line of JSON for a clip in line {number}', StoreError):
        clip = json.loads(raw)
        for field, kind in _FIELDS.items():
            if not isinstance(clip[field], kind):
                raise ValueError(f'{field!r} is {shown(clip[field], 40)}')
        if clip['persons'] < 1 or clip['frames'] < 1:
            raise ValueError(f'{clip["persons"]} persons and {clip["frames"]} frames')
    return clip
