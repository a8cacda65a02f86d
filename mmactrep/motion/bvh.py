"""Motion captures in BVH files: reading, and forward kinematics."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from mmactrep.errors import UserError

_AXES = dict(x=0, y=1, z=2)


class BvhError(UserError, ValueError):
    """A file that is no BVH, or a damaged one; the message says what was expected and what was found."""


@dataclass(frozen=True, eq=False)
class Capture:
    """A motion capture: a tree of joints, and its rotations over time.

    Args:
        names: J joint names as in the file; the end sites of a chain are named after their parents, with
            ``_end``.
        parents: (J,) index of every joint's parent, -1 for the root; parents come before their children.
        offsets: (J, 3) from the parent to the joint in the rest pose, in the file's unit.
        rotations: (T, J, 3, 3) local rotations, child to parent.
        translations: (T, J, 3) from the parent to the joint: the offset, or what the file's position
            channels say in its place; for the root its path.
        fps: Frames a second.
    """

    names: tuple[str, ...]
    parents: np.ndarray
    offsets: np.ndarray
    rotations: np.ndarray
    translations: np.ndarray
    fps: float

    def __len__(self) -> int:
        return len(self.rotations)

    def positions(self) -> np.ndarray:
        """(T, J, 3) places of all joints in the room, in the file's unit."""
        return forward_kinematics(self.rotations, self.translations, self.parents)[0]


def forward_kinematics(
    rotations: np.ndarray, translations: np.ndarray, parents: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Places and orientations of the joints of a tree.

    Args:
        rotations: (T, J, 3, 3) local rotations.
        translations: (T, J, 3) or (1, J, 3) from parents to joints.
        parents: (J,) index of every joint's parent, smaller than its own; -1 for the root.

    Returns:
        (T, J, 3) positions and (T, J, 3, 3) orientations in the room.
    """
    positions = np.empty((*rotations.shape[:2], 3))
    orientations = np.empty(rotations.shape)
    translations = np.broadcast_to(translations, positions.shape)
    for joint, parent in enumerate(parents):
        if parent < 0:
            positions[:, joint] = translations[:, joint]
            orientations[:, joint] = rotations[:, joint]
            continue
        turned = orientations[:, parent] @ translations[:, joint, :, None]
        positions[:, joint] = positions[:, parent] + turned[..., 0]
        orientations[:, joint] = orientations[:, parent] @ rotations[:, joint]
    return positions, orientations


def read_bvh(path: str | os.PathLike) -> Capture:
    """Read a BVH file: any number and order of channels, angles in degrees.

    Rotations are applied in the order in which the channels stand, each about the axes that those
    before it have turned.

    Raises:
        BvhError: If the file is foreign, truncated or inconsistent.
        FileNotFoundError: If there is no such file.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding='utf-8-sig')
    except UnicodeDecodeError as error:
        raise BvhError(f'{path}: expected a BVH file, found no text: {error}') from error
    header, found, rest = text.partition('MOTION')
    hierarchy = _Hierarchy(path)
    hierarchy.read(iter(header.split()), finished=bool(found))
    frames, frame_time, values = _read_motion(path, rest)
    channels = sum(len(c) for c in hierarchy.channels)
    if values.size != frames * channels:
        raise BvhError(
            f'{path}: expected {frames} frames of {channels} numbers, {frames * channels} in all, found '
            f'{values.size}; is the file truncated?'
        )
    rotations, translations = hierarchy.pose(values.reshape(frames, channels))
    return Capture(
        tuple(hierarchy.names),
        np.array(hierarchy.parents),
        np.array(hierarchy.offsets),
        rotations,
        translations,
        1 / frame_time,
    )


def _read_motion(path: Path, text: str) -> tuple[int, float, np.ndarray]:
    words = text.split()
    if len(words) < 5 or words[0] != 'Frames:' or words[2:4] != ['Frame', 'Time:']:
        raise BvhError(
            f"{path}: expected 'Frames: N', 'Frame Time: S' and numbers behind MOTION, found {text[:40]!r}"
        )
    try:
        frames, frame_time = int(words[1]), float(words[4])
        values = np.array(words[5:], np.float64)
    except ValueError as error:
        raise BvhError(f'{path}: expected numbers behind MOTION: {error}') from error
    if frames < 1 or not 0 < frame_time < np.inf:
        raise BvhError(f'{path}: expected frames, and a time between them, found {frames} and {frame_time}')
    if not np.isfinite(values).all():
        raise BvhError(f'{path}: holds numbers that are not finite')
    return frames, frame_time, values


@dataclass
class _Hierarchy:
    """The tree of joints that a BVH file begins with."""

    path: Path
    names: list[str] = field(default_factory=list)
    parents: list[int] = field(default_factory=list)
    offsets: list[list[float]] = field(default_factory=list)
    channels: list[list[str]] = field(default_factory=list)

    def read(self, words: Iterator[str], finished: bool) -> None:
        """Read joints up to the end of the words."""
        self._expect(words, 'HIERARCHY')
        self._expect(words, 'ROOT')
        try:
            self._read_joint(words, next(words), parent=-1)
            extra = next(words, None)
        except StopIteration:
            raise BvhError(
                f'{self.path}: the hierarchy ends within a joint; is the file truncated?'
            ) from None
        if extra is not None:
            raise BvhError(f'{self.path}: expected one root and then MOTION, found {extra!r}')
        if not finished:
            raise BvhError(f'{self.path}: expected MOTION behind the hierarchy, found the end of the file')

    def _expect(self, words: Iterator[str], *expected: str) -> str:
        word = next(words, None)
        if word not in expected:
            raise BvhError(
                f'{self.path}: expected {" or ".join(expected)} of a BVH file, found '
                f'{"the end" if word is None else repr(word[:40])}'
            )
        return word

    def _read_joint(self, words: Iterator[str], name: str, parent: int) -> None:
        if name in self.names:
            raise BvhError(f"{self.path}: joint '{name}' stands there twice")
        joint = len(self.names)
        self.names.append(name)
        self.parents.append(parent)
        self.channels.append([])
        self._expect(words, '{')
        self._expect(words, 'OFFSET')
        self.offsets.append([self._number(next(words)) for _ in range(3)])
        while (word := next(words)) != '}':
            if word == 'CHANNELS':
                self.channels[joint] = [
                    self._channel(next(words), name) for _ in range(int(self._number(next(words))))
                ]
            elif word == 'JOINT':
                self._read_joint(words, next(words), joint)
            elif word == 'End':
                self._expect(words, 'Site')
                sites = sum(n.startswith(f'{name}_end') for n in self.names)
                self._read_joint(words, f'{name}_end{sites or ""}', joint)
            else:
                raise BvhError(f"{self.path}: joint '{name}' holds {word[:40]!r}, which BVH does not know")

    def _number(self, word: str) -> float:
        try:
            return float(word)
        except ValueError:
            raise BvhError(f'{self.path}: expected a number, found {word[:40]!r}') from None

    def _channel(self, word: str, joint: str) -> str:
        axis, kind = word[:1].lower(), word[1:].lower()
        if axis not in _AXES or kind not in ('position', 'rotation'):
            raise BvhError(
                f"{self.path}: joint '{joint}': expected a channel like Xposition, found {word[:40]!r}"
            )
        return axis + kind

    def pose(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Local rotations (T, J, 3, 3) and translations (T, J, 3) of channel values (T, channels)."""
        from scipy.spatial.transform import Rotation

        frames, joints = len(values), len(self.names)
        rotations = np.broadcast_to(np.eye(3), (frames, joints, 3, 3)).copy()
        translations = np.broadcast_to(np.array(self.offsets), (frames, joints, 3)).copy()
        column = 0
        for joint, channels in enumerate(self.channels):
            for channel in channels:
                if channel[1:] == 'position':
                    translations[:, joint, _AXES[channel[0]]] = values[:, column]
                else:
                    turn = Rotation.from_euler(channel[0], values[:, column, None], degrees=True)
                    rotations[:, joint] = rotations[:, joint] @ turn.as_matrix()
                column += 1
        return rotations, translations
