"""The tree of joints at the start of a BVH file, and the words in which it is written."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field

import numpy as np

from mmactrep.files import MAX_ARRAY_BYTES, check_size, shown

from .errors import BvhError

_AXES = dict(x=0, y=1, z=2)
_MAX_JOINTS = 2000
_MAX_CHANNELS = 9


class BvhWords:
    """The words and braces of a BVH file, one after the other."""

    def __init__(self, path: str | os.PathLike, text: str) -> None:
        self.path = path
        self.end = 0
        self._found = re.finditer(r'[{}]|[^\s{}]+', text)

    def next(self) -> str:
        """The next word."""
        match = next(self._found, None)
        if match is None:
            raise BvhError(f'{self.path}: the hierarchy ends within a joint; is the file truncated?')
        self.end = match.end()
        return match[0]

    def expect(self, *expected: str) -> str:
        """The next word in lower case, which must be one of those expected, in any case."""
        match = next(self._found, None)
        if match is None or match[0].upper() not in expected:
            raise BvhError(
                f'{self.path}: expected {" or ".join(expected)} of a BVH file, found '
                f'{"the end of the file" if match is None else shown(match[0], 40)}'
            )
        self.end = match.end()
        return match[0].lower()

    def name(self) -> str:
        """A name up to the following brace, which is consumed too; runs of spaces in it become one."""
        words = []
        while (word := self.next()) != '{':
            if word == '}' or len(words) == 20:
                raise BvhError(f'{self.path}: expected a name and {{, found {shown(" ".join(words), 40)}')
            words.append(word)
        if not words:
            raise BvhError(f'{self.path}: expected the name of a joint, found {{')
        return ' '.join(words)

    def number(self) -> float:
        """The next word, as a finite number."""
        word = self.next()
        try:
            value = float(word)
        except ValueError:
            value = np.nan
        if not np.isfinite(value):
            raise BvhError(f'{self.path}: expected a number, found {shown(word, 40)}')
        return value


@dataclass
class BvhHierarchy:
    """The tree of joints below one root."""

    path: str | os.PathLike
    names: list[str] = field(default_factory=list)
    parents: list[int] = field(default_factory=list)
    offsets: list[list[float]] = field(default_factory=list)
    channels: list[list[str]] = field(default_factory=list)

    @property
    def num_channels(self) -> int:
        """Numbers per frame."""
        return sum(map(len, self.channels))

    def read_tree(self, words: BvhWords) -> None:
        """Read from the root's name to its closing brace."""
        known = {''}
        joint = self._begin_joint(words, words.name(), -1, known)
        while joint >= 0:
            word = words.next()
            keyword = word.upper()
            if word == '}':
                joint = self.parents[joint]
            elif keyword == 'CHANNELS':
                self.channels[joint] = self._read_channels(words, joint)
            elif keyword == 'JOINT':
                joint = self._begin_joint(words, words.name(), joint, known)
            elif keyword == 'END':
                words.expect('SITE')
                words.expect('{')
                joint = self._begin_joint(words, self._end_name(joint, known), joint, known)
            else:
                name = self.names[joint]
                raise BvhError(
                    f"{self.path}: joint '{name}' contains {shown(word, 40)}, which is not a BVH keyword"
                )

    def _begin_joint(self, words: BvhWords, name: str, parent: int, known: set[str]) -> int:
        if name in known:
            raise BvhError(f"{self.path}: joint '{name}' occurs twice")
        if len(self.names) == _MAX_JOINTS:
            raise BvhError(f'{self.path}: has more than {_MAX_JOINTS} joints')
        known.add(name)
        self.names.append(name)
        self.parents.append(parent)
        self.channels.append([])
        words.expect('OFFSET')
        self.offsets.append([words.number() for _ in range(3)])
        return len(self.names) - 1

    def _end_name(self, joint: int, known: set[str]) -> str:
        name = f'{self.names[joint]}_end'
        number = 0
        while name + str(number or '') in known:
            number += 1
        return name + str(number or '')

    def _read_channels(self, words: BvhWords, joint: int) -> list[str]:
        count = words.number()
        if count not in range(_MAX_CHANNELS + 1):
            raise BvhError(
                f"{self.path}: joint '{self.names[joint]}': expected at most {_MAX_CHANNELS} channels, "
                f'found {count:g}'
            )
        return [self._channel(words.next(), self.names[joint]) for _ in range(int(count))]

    def _channel(self, word: str, joint: str) -> str:
        axis, kind = word[:1].lower(), word[1:].lower()
        if axis not in _AXES or kind not in ('position', 'rotation'):
            raise BvhError(
                f"{self.path}: joint '{joint}': expected a channel like Xposition, found {shown(word, 40)}"
            )
        return axis + kind

    def pose(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Local rotations (T, J, 3, 3) and translations (T, J, 3) of channel values (T, channels)."""
        from scipy.spatial.transform import Rotation

        frames, joints = len(values), len(self.names)
        check_size(self.path, 9 * 8 * frames * joints, MAX_ARRAY_BYTES, f'a motion of {joints} joints')
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
