"""Dividing a list among processes and machines, and putting the stores that they write together again."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from mmactrep.errors import UserError
from mmactrep.files import read_json, shown

from .feature_store import FeatureStore
from .format import META_FILE, StoreError
from .opening import open_store
from .reader import SkeletonStore

T = TypeVar('T')
_NAME = re.compile(r'\.shard-(\d{5})-of-(\d{5})$')
#: Suffix of the file that stands for a shard without clips.
EMPTY = '.empty'


class ShardError(UserError, ValueError):
    """A part that is not one of those that a list is divided into."""


@dataclass(frozen=True)
class Shard:
    """One of ``count`` consecutive parts of a list.

    Args:
        index: Its number, from 0.
        count: Number of parts.

    Raises:
        ShardError: If the number is not that of a part.
    """

    index: int = 0
    count: int = 1

    def __post_init__(self) -> None:
        if not 0 <= self.index < self.count:
            raise ShardError(
                f'a shard of {self.count} has a number 0 ... {self.count - 1}, found {self.index}'
            )

    def of(self, items: Sequence[T]) -> Sequence[T]:
        """The part of a list; parts are consecutive and their lengths differ by at most one."""
        size = len(items)
        return items[self.index * size // self.count : (self.index + 1) * size // self.count]

    def root(self, root: Path) -> Path:
        """Where this part of the store ``root`` is written; a single part is the store itself."""
        if self.count == 1:
            return root
        return root.with_name(f'{root.name}.shard-{self.index:05d}-of-{self.count:05d}')


def find_shard(spec: str | None = None, environment: Mapping[str, str] = os.environ) -> Shard:
    """This process's part of the work.

    Args:
        spec: ``'i/n'``, i from 0. Default: from the environment: ``RANK`` and ``WORLD_SIZE``
            (torchrun), ``SLURM_ARRAY_TASK_ID`` and ``SLURM_ARRAY_TASK_COUNT`` (a Slurm array; also
            ``_MIN`` and ``_STEP``), or both together: torchrun in each task of an array.
        environment: Environment variables.

    Raises:
        ShardError: If the spec or the environment does not name a shard.
    """
    if spec is not None:
        match = re.fullmatch(r'(\d+)/(\d+)', spec)
        if match is None:
            raise ShardError(f"--shard: expected i/n, as 0/8, found '{spec}'")
        return Shard(int(match[1]), int(match[2]))
    index, count = 0, 1
    if 'SLURM_ARRAY_TASK_ID' in environment:
        step = int(environment.get('SLURM_ARRAY_TASK_STEP') or 1)
        place = int(environment['SLURM_ARRAY_TASK_ID']) - int(environment.get('SLURM_ARRAY_TASK_MIN') or 0)
        count = int(environment.get('SLURM_ARRAY_TASK_COUNT') or 0)
        index = place // step
        if not 0 <= index < count or place % step:
            raise ShardError(
                f'SLURM_ARRAY_TASK_ID={environment["SLURM_ARRAY_TASK_ID"]} is no place in an array of '
                f'{count} tasks; use an array without gaps, or --shard i/n'
            )
    world = int(environment.get('WORLD_SIZE') or 1)
    return Shard(index * world + int(environment.get('RANK') or 0), count * world)


def note_empty(root: Path, attributes: Mapping) -> None:
    """Record that a shard has no clips: a store cannot be empty, and a merge must not miss a shard."""
    root.with_name(root.name + EMPTY).write_text(json.dumps(attributes), encoding='utf-8')


def forget_empty(root: Path) -> None:
    """Remove what :func:`note_empty` recorded for a shard that has clips now."""
    root.with_name(root.name + EMPTY).unlink(missing_ok=True)


def finished_clips(root: Path, origin: Mapping, **settings: object) -> int | None:
    """Number of clips if this same store or shard was finished before, else None.

    Args:
        root: Folder of the store.
        origin: Its attributes.
        settings: Other fields that its description must have.
    """
    empty = root.with_name(root.name + EMPTY)
    if empty.exists():
        return 0 if json.loads(empty.read_text(encoding='utf-8')) == origin else None
    if not (root / META_FILE).exists():
        return None
    store = open_store(root)
    same = store.attributes == origin and all(store.meta.get(key) == settings[key] for key in settings)
    return len(store) if same else None


def find_shards(root: Path) -> list[Path]:
    """The shards next to the store ``root``, in order, including those without clips.

    Raises:
        StoreError: If there are none, they belong to several runs, or one is absent.
    """
    found: dict[tuple[int, int], Path] = {}
    for path in sorted(root.parent.glob(f'{root.name}.shard-*')):
        match = _NAME.search(path.name.removesuffix(EMPTY))
        if match and (path.is_dir() or path.name.endswith(EMPTY)):
            found[int(match[1]), int(match[2])] = path
    counts = sorted({count for _, count in found})
    if len(counts) != 1:
        what = f'parts of runs in {counts} shards' if counts else 'none'
        raise StoreError(f'{root}: expected the shards {root.name}.shard-*-of-* of one run, found {what}')
    absent = [index for index in range(counts[0]) if (index, counts[0]) not in found]
    if absent:
        raise StoreError(f'{root}: expected {counts[0]} shards, absent are {absent[:10]}: run them (again)')
    return [found[key] for key in sorted(found)]


def sound_parts(
    parts: Sequence[Path], root: Path, same: Sequence[str], checksums: bool = True
) -> tuple[list[tuple[Path, SkeletonStore | FeatureStore]], dict]:
    """Open the parts that are to become one store, and check that they belong together.

    Args:
        parts: Folders of stores, in order; for shards also the ``.empty`` files of those without clips.
        root: Folder of the new store.
        same: Keys of the description that must be equal.
        checksums: Compare the checksums of all files, and read all values.

    Returns:
        The stores of the parts with clips, and the attributes of the whole.

    Raises:
        StoreError: If a part is not intact or differs from the first in one of the keys or its origin, if
            shards of a run are absent or not in order, or a clip is in two parts.
    """
    attributes = [_attributes(path) for path in parts]
    stores = [(path, open_store(path)) for path in parts if not path.name.endswith(EMPTY)]
    if not stores:
        raise StoreError(f'{root}: all of the {len(parts)} parts are without clips')
    _check_shards(parts, attributes)
    _check_alike(stores, [(path, _common(found)) for path, found in zip(parts, attributes)], same)
    owner: dict[str, Path] = {}
    for path, store in stores:
        if checksums and (problems := store.verify()):
            raise StoreError(f'{path}: not sound: {"; ".join(problems[:3])}')
        for clip_id in store.ids:
            if owner.setdefault(clip_id, path) != path:
                raise StoreError(f"clip '{clip_id}' is in {owner[clip_id]} and in {path}")
    return stores, _common(attributes[0])


def _attributes(path: Path) -> dict:
    if path.name.endswith(EMPTY):
        attributes = read_json(path)
        if not isinstance(attributes, dict):
            raise StoreError(
                f'{path}: expected the attributes of a shard without clips, found {shown(attributes)}'
            )
        return attributes
    return open_store(path).attributes


def shard_origin(path: Path) -> dict:
    """The attributes of a shard, or of its ``.empty`` file, that the whole will have."""
    return _common(_attributes(path))


def _common(attributes: Mapping) -> dict:
    return {key: value for key, value in attributes.items() if key != 'shard'}


def _check_shards(parts: Sequence[Path], attributes: Sequence[Mapping]) -> None:
    shards = [_shard_of(path, found) for path, found in zip(parts, attributes)]
    if not any(shards):
        return
    count = max(shard[1] for shard in shards if shard)
    if shards != [(index, count) for index in range(count)]:
        named = ', '.join(f'{path.name}: {shard or "no shard"}' for path, shard in zip(parts, shards))
        raise StoreError(f'expected all shards of one run in their order, found {named}')


def _shard_of(path: Path, attributes: Mapping) -> tuple[int, ...]:
    """Number and count of a shard; empty if it is not one."""
    shard = attributes.get('shard') or []
    whole = isinstance(shard, list) and all(isinstance(part, int) for part in shard)
    if not whole or len(shard) not in (0, 2):
        raise StoreError(f'{path}: expected [number, count] of a shard, found {shown(shard)}')
    return tuple(shard)


def _check_alike(
    stores: Sequence[tuple[Path, SkeletonStore | FeatureStore]],
    attributes: Sequence[tuple[Path, dict]],
    same: Sequence[str],
) -> None:
    first, reference = stores[0]
    for path, store in stores:
        for key in ('format', *same):
            if store.meta[key] != reference.meta[key]:
                raise StoreError(
                    f'{path}: its {key} is another than that of {first}: expected '
                    f'{_short(reference.meta[key])}, found {_short(store.meta[key])}'
                )
    expected = _common(reference.attributes)
    for path, found in attributes:
        differing = sorted(key for key in {*found, *expected} if found.get(key) != expected.get(key))
        if differing:
            raise StoreError(f'{path}: made with other settings than {first}: {", ".join(differing)} differ')


def _short(value: object) -> str:
    value = value.get('name') if isinstance(value, dict) else value
    return repr(value) if len(repr(value)) < 80 else f'{repr(value)[:77]}...'
