"""Motion libraries: every motion of a split on every one of its characters, in 3D.

A library is a :class:`SkeletonStore` of 3D clips in meters, named ``<split>/<motion>/<character>`` and
ordered so, whose attributes name the characters. It has all features of stores: memory mapping, checksums,
``mmactrep verify``, resumable writing. Axes: y is up, and a body facing +z has +x to its left.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mmactrep.arguments import describe, printable
from mmactrep.errors import UserError
from mmactrep.files import BadFileError, shown
from mmactrep.store.format import BadClipError, StoreError
from mmactrep.store.reader import SkeletonStore
from mmactrep.store.skipped import skipped_file, write_skipped
from mmactrep.store.writer import SkeletonStoreWriter
from mmactrep.structures import SkeletonLayout

from .errors import MotionError

ATTRIBUTE = 'motion_library'
LEG_JOINTS = tuple(f'{side}_{joint}' for side in ('left', 'right') for joint in ('hip', 'knee', 'ankle'))
_PLAUSIBLE_LEGS = (0.15, 2.5)  # meters; Mixamo's goblins and giants are within


@dataclass(frozen=True, eq=False)
class MotionClip:
    """One motion on all characters of a split.

    Args:
        name: Unique name of the motion within the split, without a slash.
        label: Name of its class.
        positions: (T, V, 3) for every character, meters, in the order of the split's characters.
    """

    name: str
    label: str
    positions: Sequence[np.ndarray]


@dataclass(frozen=True, eq=False)
class BadMotion:
    """A motion that cannot be used.

    Args:
        name: Its name.
        error: What is wrong with it.
    """

    name: str
    error: UserError


@dataclass(frozen=True, eq=False)
class LibrarySplit:
    """The contents of one split.

    Args:
        characters: Names of the characters.
        motions: The motions on these characters, and those that cannot be used; may be a generator.
    """

    characters: Sequence[str]
    motions: Iterable[MotionClip | BadMotion]


def write_library(
    root: str | os.PathLike,
    splits: Mapping[str, LibrarySplit],
    layout: SkeletonLayout,
    fps: float,
    classes: Sequence[str],
    attributes: Mapping | None = None,
    overwrite: bool = False,
    skipped: dict[str, str] | None = None,
) -> Path:
    """Write a motion library; a killed attempt is resumed.

    Args:
        root: Folder of the library.
        splits: Maps split names to their characters and motions.
        layout: Layout of the positions.
        fps: Frames per second.
        classes: Class names, including all labels of the motions.
        attributes: Anything about the motions' origin that JSON can represent.
        overwrite: Replace a finished library.
        skipped: Collects motions that cannot be used, ``split/name`` and the reason; they are skipped.
            Default: the first one is an error.

    Raises:
        BadClipError: If a motion lacks a character, differs in length by character, is not a human's in
            meters, or has the name of another.
        MotionError: If a capture of a motion cannot be used.
        FileExistsError: If there is a library and ``overwrite`` is off.
        StoreError: If a split has no motion, or an unfinished library with other settings exists.
    """
    characters = {name: list(split.characters) for name, split in splits.items()}
    attributes = dict(attributes or {}) | {ATTRIBUTE: dict(characters=characters, unit='meter')}
    with SkeletonStoreWriter(
        root, layout, classes, 3, with_score=False, attributes=attributes, overwrite=overwrite
    ) as writer:
        for name, split in splits.items():
            ids: dict[str, None] = {}
            for motion in split.motions:
                _add_or_skip(writer, name, characters[name], motion, fps, ids, skipped)
            if not ids:
                raise StoreError(f"{root}: split '{name}' has no motion{_first_reason(name, skipped)}")
            writer.add_split(name, ids)
        writer.finish()
    return Path(root)


@contextlib.contextmanager
def refusing_to_overwrite() -> Iterator[None]:
    """For command lines: the error about an existing library names the option that replaces it."""
    try:
        yield
    except FileExistsError as error:
        raise FileExistsError(f'{error}; --overwrite replaces it') from error


def report_skipped(root: Path, skipped: Mapping[str, str] | None, count: int = 10) -> None:
    """Print which motions were skipped, at most ``count``, and list all of them beside the library."""
    write_skipped(root, skipped or {})
    if not skipped:
        return
    print(f'skipped {len(skipped)} bad motions, listed in {skipped_file(root)}:')
    for name, reason in list(skipped.items())[:count]:
        print(printable(f'skipped {name}: {reason}'))
    if len(skipped) > count:
        print(f'and {len(skipped) - count} more')


def _first_reason(split: str, skipped: Mapping[str, str] | None) -> str:
    reasons = [reason for name, reason in (skipped or {}).items() if name.startswith(f'{split}/')]
    return f' that can be used, the first: {reasons[0]}' if reasons else ''


def _add_or_skip(
    writer: SkeletonStoreWriter,
    split: str,
    characters: Sequence[str],
    motion: MotionClip | BadMotion,
    fps: float,
    ids: dict[str, None],
    skipped: dict[str, str] | None,
) -> None:
    try:
        if isinstance(motion, BadMotion):
            raise motion.error
        _add_motion(writer, split, characters, motion, fps, ids)
    except (BadClipError, BadFileError, MotionError) as error:
        if skipped is None:
            raise
        skipped[f'{split}/{motion.name}'] = describe(error)


def _add_motion(
    writer: SkeletonStoreWriter,
    split: str,
    characters: Sequence[str],
    motion: MotionClip,
    fps: float,
    ids: dict[str, None],
) -> None:
    """Check a motion on all characters, then write it for all, and record its clips in ``ids``."""
    where = f"motion '{split}/{motion.name}'"
    if '/' in motion.name:
        raise BadClipError(f'{where}: the name of a motion must not contain a slash')
    if motion.label not in writer.classes:
        raise BadClipError(f"{where}: unknown class '{motion.label}'")
    lengths = [len(positions) for positions in motion.positions]
    if len(lengths) != len(characters) or len(set(lengths)) != 1:
        raise BadClipError(
            f'{where}: expected the same number of frames on each of {len(characters)} characters, '
            f'found {lengths}'
        )
    clips = {f'{split}/{motion.name}/{name}': place for name, place in zip(characters, motion.positions)}
    for clip_id, positions in clips.items():
        if clip_id in ids:
            raise BadClipError(f'{where}: two motions have this name')
        check_body_size(positions, writer.layout, clip_id)
    for clip_id, positions in clips.items():
        if clip_id not in writer:  # added by an attempt that was killed
            seen = np.ones((1, *positions.shape[:-1]), np.float32)
            writer.add(clip_id, positions[None], seen, label=motion.label, fps=fps)
        ids[clip_id] = None


def mean_leg_length(positions: np.ndarray, layout: SkeletonLayout) -> float:
    """Thigh and shin together, mean over sides and frames, in the unit of the positions (T, V, 3)."""
    legs = positions[:, layout.indices(LEG_JOINTS)].reshape(len(positions), 2, 3, 3)
    return float(np.linalg.norm(np.diff(legs, axis=2), axis=-1).sum(axis=-1).mean())


def check_body_size(positions: np.ndarray, layout: SkeletonLayout, where: str) -> None:
    """Refuse positions (T, V, 3) that can hardly be meters.

    Raises:
        BadClipError: If they are not finite, or the legs are implausibly short or long.
    """
    if not np.isfinite(positions).all():
        raise BadClipError(f"'{where}': positions are not finite")
    length, (low, high) = mean_leg_length(positions, layout), _PLAUSIBLE_LEGS
    if not low <= length <= high:
        raise BadClipError(
            f"'{where}': expected meters, legs of {low} to {high} m, found legs of {length:.4g}; give the "
            'unit of the file in meters'
        )


class MotionLibrary:
    """One split of a motion library: motions x characters, memory-mapped.

    Args:
        root: Folder that :func:`write_library` made.
        split: Name of the split.

    Raises:
        StoreError: If there is no such library or split, or it is not complete.
    """

    def __init__(self, root: str | os.PathLike, split: str) -> None:
        self.store = SkeletonStore(root)
        self.split = split
        if self.store.num_channels != 3 or ATTRIBUTE not in self.store.attributes:
            raise StoreError(
                f'{self.store.root}: expected a motion library, found a store of '
                f'{self.store.num_channels}D clips; tools/data/make_motion_library.py makes one'
            )
        self._rows = self.store.split(split)
        self.characters: list[str] = self._characters_of(split)
        if not len(self._rows) or len(self._rows) % len(self.characters):
            raise StoreError(
                f"{self.store.root}: split '{split}' should have every motion on each of "
                f'{len(self.characters)} characters, found {len(self._rows)} clips'
            )
        self._rows = self._rows.reshape(-1, len(self.characters))
        index = self.store.index[self._rows]
        if (index['frames'] != index['frames'][:, :1]).any():
            raise StoreError(f"{self.store.root}: split '{split}': a motion differs in length by character")
        self.frames: np.ndarray = index['frames'][:, 0].astype(np.int64)
        self.labels: np.ndarray = index['label'][:, 0].astype(np.int64)
        self.fps = float(index['fps'][0, 0])
        self.motions: list[str] = [self._motion_of(self.store.ids[row]) for row in self._rows[:, 0]]

    def _characters_of(self, split: str) -> list[str]:
        description = self.store.attributes[ATTRIBUTE]
        characters = description.get('characters') if isinstance(description, dict) else None
        names = characters.get(split) if isinstance(characters, dict) else None
        if not (isinstance(names, list) and names and all(isinstance(name, str) for name in names)):
            raise StoreError(
                f"{self.store.root}: expected the names of the characters of split '{split}' in its "
                f'attributes, found {shown(names)}'
            )
        return names

    def _motion_of(self, clip_id: str) -> str:
        parts = clip_id.split('/')
        if len(parts) != 3:
            raise StoreError(
                f"{self.store.root}: expected clips named <split>/<motion>/<character>, found '{clip_id}'"
            )
        return parts[1]

    @property
    def layout(self) -> SkeletonLayout:
        """Layout of the positions."""
        return self.store.layout

    @property
    def classes(self) -> list[str]:
        """Class names; ``labels`` index them."""
        return self.store.classes

    def __len__(self) -> int:
        return len(self._rows)

    def __repr__(self) -> str:
        return (
            f'MotionLibrary({str(self.store.root)!r}, {self.split!r}: {len(self)} motions x '
            f'{len(self.characters)} characters, {int(self.frames.sum())} frames, {self.layout.name})'
        )

    def positions(self, motion: int, character: int, first: int = 0, last: int | None = None) -> np.ndarray:
        """(T, V, 3) float32 positions of frames first to last of a motion on a character, meters."""
        last = int(self.frames[motion]) if last is None else last
        return self.store.window(int(self._rows[motion, character]), first, last)['keypoint'][0]
