"""The text format of NTU RGB+D's ``.skeleton`` files, which UAV-Human uses with another joint count.

The number of frames; for every frame the number of bodies; for every body a line of tracking information
that begins with the body's id, the number of joints, and a line a joint that begins with x, y, z.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from mmactrep.store.format import BadClipError


class _Lines:
    """Lines of a file with the number of the current one, for messages."""

    def __init__(self, path: str | Path) -> None:
        self.path = path
        try:
            text = Path(path).read_text(encoding='ascii')
        except (OSError, ValueError) as error:
            raise BadClipError(f'{path}: not a skeleton text file: {error}') from error
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
        line = self.next(what)
        if not line.strip().isdecimal():
            raise self.error(f'{what}, a whole number', line)
        return int(line)

    def error(self, expected: str, found: str) -> BadClipError:
        return BadClipError(f"{self.path}, line {self.number}: expected {expected}, found '{found[:60]}'")

    def check_end(self) -> None:
        if any(line.strip() for line in self._lines[self.number :]):
            raise BadClipError(f'{self.path}, line {self.number + 1}: expected the end of the file')


def read_bodies(
    path: str | Path, num_joints: int, columns: tuple[int, ...] = (0, 1, 2), joint_values: int | None = 12
) -> np.ndarray:
    """All bodies of a file, one slot for every body id, in the order in which they appear.

    Where ids repeat within a frame they tell nothing, and the position in the frame takes their place.

    Args:
        path: Text file.
        num_joints: Joints that every body must have.
        columns: Values of a joint's line to read.
        joint_values: Values that a joint's line must have. ``None``: at least what ``columns`` asks for.

    Returns:
        (M, T, V, len(columns)) float32, zeros where a body is not there.

    Raises:
        BadClipError: If the file is truncated or foreign (naming file and line), or shows no body.
    """
    lines = _Lines(path)
    frames = lines.count('the number of frames')
    bodies = list(_bodies(lines, frames, num_joints, columns, joint_values))
    lines.check_end()
    if not bodies:
        raise BadClipError(f'{path}: no body in any of the {frames} frames')
    by_id = len({(frame, body_id) for frame, _, body_id, _ in bodies}) == len(bodies)
    tracks: dict = {}
    for frame, position, body_id, joints in bodies:
        tracks.setdefault(body_id if by_id else position, []).append((frame, joints))
    out = np.zeros((len(tracks), frames, num_joints, len(columns)), np.float32)
    for slot, track in zip(out, tracks.values()):
        for frame, joints in track:
            slot[frame] = joints
    return out


def _bodies(
    lines: _Lines, frames: int, num_joints: int, columns: tuple[int, ...], joint_values: int | None
) -> Iterator[tuple[int, int, str, np.ndarray]]:
    """(frame, position in the frame, body id, joints [V, C]) of every body."""
    for frame in range(frames):
        for position in range(lines.count('the number of bodies')):
            info = lines.next("a body's information").split()
            if len(info) < 2:
                raise lines.error("a body's information", ' '.join(info))
            found = lines.count('the number of joints')
            if found != num_joints:
                raise lines.error(f'{num_joints} joints', str(found))
            joints = [_joint(lines, columns, joint_values) for _ in range(num_joints)]
            yield frame, position, info[0], np.array(joints, np.float32)


def _joint(lines: _Lines, columns: tuple[int, ...], joint_values: int | None) -> list[float]:
    line = lines.next("a joint's values")
    values = line.split()
    least = max(columns) + 1
    if len(values) != joint_values if joint_values is not None else len(values) < least:
        raise lines.error(f'{joint_values or f"at least {least}"} values of a joint', line)
    try:
        return [float(values[column]) for column in columns]
    except ValueError:
        raise lines.error('numbers', line) from None
