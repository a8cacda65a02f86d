"""Motion libraries: every motion of a split on every character of it, in 3D.

A library is a :class:`SkeletonStore` of 3D clips in metres, named ``<split>/<motion>/<character>`` and
ordered so, whose attributes name the characters. With it come what stores have: memory mapping, checksums,
``tools/data/verify_store.py``, resumable writing. Axes: y is up, and who faces +z has +x to his left.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mmactrep.store.format import BadClipError, StoreError
from mmactrep.store.reader import SkeletonStore
from mmactrep.store.writer import SkeletonStoreWriter
from mmactrep.structures import SkeletonLayout

ATTRIBUTE = 'motion_library'
_LEG_JOINTS = ('hip', 'knee', 'ankle')
_PLAUSIBLE_LEGS = (0.15, 2.5)  # metres; Mixamo's goblins and giants are within


@dataclass(frozen=True, eq=False)
class MotionClip:
    """One motion on all characters of a split.

    Args:
        name: Unique name of the motion within the split, without a slash.
        label: Name of its class.
        positions: (T, V, 3) for every character, metres, in the order of the split's characters.
    """

    name: str
    label: str
    positions: Sequence[np.ndarray]


@dataclass(frozen=True, eq=False)
class LibrarySplit:
    """What one split is made of.

    Args:
        characters: Names of the characters.
        motions: The motions on these characters; may be a generator.
    """

    characters: Sequence[str]
    motions: Iterable[MotionClip]


def write_library(
    root: str | os.PathLike,
    splits: Mapping[str, LibrarySplit],
    layout: SkeletonLayout,
    fps: float,
    classes: Sequence[str],
    attributes: Mapping | None = None,
    overwrite: bool = False,
) -> Path:
    """Write a motion library; what a killed attempt left is taken up again.

    Args:
        root: Folder of the library.
        splits: Split name to its characters and motions.
        layout: Layout of the positions.
        fps: Frames a second.
        classes: Class names, among them all labels of the motions.
        attributes: Anything JSON can hold about where the motions come from.
        overwrite: Replace a finished library.

    Raises:
        BadClipError: If a motion lacks a character, has other lengths on some, or is no human's in metres.
        FileExistsError: If there is a library and ``overwrite`` is off.
        StoreError: If a split has no motion, or an unfinished library of other settings lies there.
    """
    characters = {name: list(split.characters) for name, split in splits.items()}
    attributes = dict(attributes or {}) | {ATTRIBUTE: dict(characters=characters, unit='metre')}
    with SkeletonStoreWriter(
        root, layout, classes, 3, with_score=False, attributes=attributes, overwrite=overwrite
    ) as writer:
        for name, split in splits.items():
            ids = []
            for motion in split.motions:
                ids += _add_motion(writer, name, characters[name], motion, fps)
            if not ids:
                raise StoreError(f"{root}: split '{name}' has no motion")
            writer.add_split(name, ids)
        writer.finish()
    return Path(root)


def _add_motion(
    writer: SkeletonStoreWriter, split: str, characters: Sequence[str], motion: MotionClip, fps: float
) -> list[str]:
    where = f"motion '{split}/{motion.name}'"
    if '/' in motion.name:
        raise BadClipError(f'{where}: the name of a motion must not hold a slash')
    if motion.label not in writer.classes:
        raise BadClipError(f"{where}: unknown class '{motion.label}'")
    lengths = [len(positions) for positions in motion.positions]
    if len(lengths) != len(characters) or len(set(lengths)) != 1:
        raise BadClipError(
            f'{where}: expected the same number of frames on each of {len(characters)} characters, '
            f'found {lengths}'
        )
    ids = [f'{split}/{motion.name}/{character}' for character in characters]
    for clip_id, positions in zip(ids, motion.positions):
        if clip_id in writer:
            continue
        check_size(positions, writer.layout, clip_id)
        writer.add(clip_id, positions[None], label=writer.classes.index(motion.label), fps=fps)
    return ids


def leg_length(positions: np.ndarray, layout: SkeletonLayout) -> float:
    """Thigh and shin together, mean over sides and frames, in the unit of the positions (T, V, 3)."""
    total = 0.0
    for side in ('left', 'right'):
        joints = positions[:, layout.indices(f'{side}_{joint}' for joint in _LEG_JOINTS)]
        total += float(np.linalg.norm(np.diff(joints, axis=1), axis=-1).sum(axis=1).mean())
    return total / 2


def check_size(positions: np.ndarray, layout: SkeletonLayout, where: str) -> None:
    """Refuse positions (T, V, 3) that can hardly be metres.

    Raises:
        BadClipError: If they are not finite, or the legs are shorter or longer than any figure's.
    """
    if not np.isfinite(positions).all():
        raise BadClipError(f"'{where}': positions are not finite")
    length, (low, high) = leg_length(positions, layout), _PLAUSIBLE_LEGS
    if not low <= length <= high:
        raise BadClipError(
            f"'{where}': expected metres, legs of {low} to {high} m, found legs of {length:.4g}; give the "
            'unit of the file in metres'
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
        description = self.store.attributes.get(ATTRIBUTE)
        if not isinstance(description, dict) or self.store.num_channels != 3:
            raise StoreError(
                f'{self.store.root}: expected a motion library, found a store of '
                f'{self.store.num_channels}D clips; tools/data/make_motion_library.py makes one'
            )
        self._rows = self.store.split(split)
        self.characters: list[str] = list(description['characters'].get(split, []))
        if not self.characters or len(self._rows) % len(self.characters):
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
        self.motions: list[str] = [self.store.ids[row].split('/')[-2] for row in self._rows[:, 0]]

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
        """(T, V, 3) float32 positions of frames first to last of a motion on a character, metres."""
        last = int(self.frames[motion]) if last is None else last
        return self.store.window(int(self._rows[motion, character]), first, last)['keypoint'][0]
