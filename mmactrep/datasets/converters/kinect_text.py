"""The text format of NTU RGB+D's ``.skeleton`` files, which UAV-Human uses with a different joint count.

The number of frames; for every frame the number of bodies; for every body a line of tracking information
that begins with the body's id, the number of joints, and one line per joint that begins with x, y, z.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from mmactrep.files import BadFileError, read_text, reason, shown
from mmactrep.store.format import BadClipError

from .conversion import MAX_PERSONS
from .persons import BodyTrack

# The longest clips of NTU RGB+D are 20 MB of text. A file with more ids than this is damaged.
_MAX_BYTES = 1 << 28
_MAX_TRACKS = 1000
_FARTHEST = 1e6  # meters or pixels


class _Lines:
    """Lines of a file with the number of the current one, for messages."""

    def __init__(self, path: str | Path) -> None:
        self.path = path
        try:
            text = read_text(path, _MAX_BYTES)
        except BadFileError as error:
            raise BadClipError(
                f'{path}: not a skeleton text file: {reason(error.__cause__ or error)}'
            ) from error
        self._lines = text.splitlines()
        self.number = 0

    def next(self, expected: str) -> str:
        if self.number >= len(self._lines):
            raise BadClipError(
                f'{self.path}: truncated after line {self.number}, expected {expected} on the next'
            )
        self.number += 1
        return self._lines[self.number - 1]

    def count(self, what: str) -> int:
        line = self.next(what).strip()
        if not (line.isascii() and line.isdecimal() and len(line) <= 9):
            raise self.error(f'{what}, a whole number', line)
        return int(line)

    def error(self, expected: str, found: str) -> BadClipError:
        return BadClipError(f'{self.path}, line {self.number}: expected {expected}, found {shown(found, 60)}')

    def check_end(self) -> None:
        if any(line.strip() for line in self._lines[self.number :]):
            raise BadClipError(f'{self.path}, line {self.number + 1}: expected the end of the file')


def read_tracks(
    path: str | Path,
    num_joints: int,
    columns: tuple[int, ...] = (0, 1, 2),
    joint_values: int | None = 12,
    finite: bool = True,
) -> tuple[list[BodyTrack], int]:
    """All bodies of a file, one track per body id, in the order in which they appear.

    Where ids repeat within a frame they are useless, and the position in the frame is used instead.

    Args:
        path: Text file.
        num_joints: Joints that every body must have.
        columns: Values of a joint's line to read.
        joint_values: Number of values that a joint's line must have. ``None``: as many as ``columns`` needs.
        finite: Refuse values that are not finite or too large for a position. Otherwise they become NaN.

    Returns:
        Tracks with joints (n, V, len(columns)) float32, and the number of frames.

    Raises:
        FileNotFoundError: If there is no such file.
        BadClipError: If the file is truncated or foreign (naming file and line), or has no body or more
            bodies than a camera can see.
    """
    lines = _Lines(path)
    frames = lines.count('the number of frames')
    bodies = list(_bodies(lines, frames, num_joints, columns, joint_values, finite))
    lines.check_end()
    if not bodies:
        raise BadClipError(f'{path}: no body in any of the {frames} frames')
    by_id = len({(frame, body_id) for frame, _, body_id, _ in bodies}) == len(bodies)
    tracks: dict = {}
    for frame, position, body_id, joints in bodies:
        tracks.setdefault(body_id if by_id else position, []).append((frame, joints))
    if len(tracks) > _MAX_TRACKS:
        raise BadClipError(f'{path}: expected at most {_MAX_TRACKS} body ids, found {len(tracks)}')
    found = [
        BodyTrack(np.array([frame for frame, _ in track]), np.stack([joints for _, joints in track]))
        for track in tracks.values()
    ]
    return found, frames


def _bodies(
    lines: _Lines,
    frames: int,
    num_joints: int,
    columns: tuple[int, ...],
    joint_values: int | None,
    finite: bool,
) -> Iterator[tuple[int, int, str, np.ndarray]]:
    """(frame, position in the frame, body id, joints [V, C]) of every body."""
    for frame in range(frames):
        count = lines.count('the number of bodies')
        if count > MAX_PERSONS:
            raise lines.error(f'at most {MAX_PERSONS} bodies', str(count))
        for position in range(count):
            info = lines.next("a body's information").split()
            if len(info) < 2:
                raise lines.error("a body's information", ' '.join(info))
            found = lines.count('the number of joints')
            if found != num_joints:
                raise lines.error(f'{num_joints} joints', str(found))
            joints = [_joint(lines, columns, joint_values, finite) for _ in range(num_joints)]
            yield frame, position, info[0], np.array(joints, np.float32)


def _joint(lines: _Lines, columns: tuple[int, ...], joint_values: int | None, finite: bool) -> list[float]:
    line = lines.next("a joint's values")
    values = line.split()
    least = max(columns) + 1
    if len(values) != joint_values if joint_values is not None else len(values) < least:
        raise lines.error(f'{joint_values or f"at least {least}"} values of a joint', line)
    try:
        numbers = [float(values[column]) for column in columns]
    except ValueError:
        raise lines.error('numbers', line) from None
    if finite and not all(abs(number) <= _FARTHEST for number in numbers):
        raise lines.error(f'finite numbers of at most {_FARTHEST:g}', line)
    return [number if abs(number) <= _FARTHEST else math.nan for number in numbers]
