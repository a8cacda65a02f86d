"""Finding captures in folders, and giving them unique names."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from .errors import MotionError


def find_captures(folder: Path) -> tuple[list[Path], Counter[str]]:
    """All BVH files below a folder, whatever the case of their suffix.

    Returns:
        The files, sorted, and how many others were ignored, by suffix.

    Raises:
        MotionError: If it is not a folder, or has no captures.
    """
    if not folder.is_dir():
        raise MotionError(f'{folder}: expected a folder of BVH captures (*.bvh), found no folder')
    captures, passed_over = sort_files(folder, ('.bvh',))
    if not captures:
        raise MotionError(f'{folder}: expected BVH captures (*.bvh), found none{told(passed_over)}')
    return captures, passed_over


def sort_files(folder: Path, suffixes: Collection[str]) -> tuple[list[Path], Counter[str]]:
    """The files below a folder with one of the suffixes, sorted, and the number of others by kind."""
    files = sorted(path for path in folder.rglob('*') if path.is_file())
    # other systems leave hidden files beside files, such as ._walk.bvh
    wanted = [path for path in files if path.suffix.lower() in suffixes and not path.name.startswith('.')]
    taken = set(wanted)
    return wanted, Counter(_kind(path) for path in files if path not in taken)


def _kind(path: Path) -> str:
    return 'hidden' if path.name.startswith('.') else path.suffix or 'without suffix'


def told(passed_over: Counter[str]) -> str:
    """The end of a sentence about ignored files; empty if there are none."""
    if not passed_over:
        return ''
    ordered = sorted(passed_over.items(), key=lambda item: (-item[1], item[0]))
    kinds = ', '.join(f'{count} {kind}' for kind, count in ordered[:8])
    more = sum(count for _, count in ordered[8:])
    return f'; passed over {kinds}{f" and {more} more" if more else ""}'


def name_captures(paths: Sequence[str | os.PathLike], reserved: Iterable[str] = ()) -> dict[str, str]:
    """A unique name for each capture: its file's name, prefixed with as many folders as needed.

    ``walk/take.bvh`` and ``run/take.bvh`` become ``walk__take`` and ``run__take``. Files that no folder
    distinguishes (``a.bvh`` and ``a.BVH``), and those with a reserved name, get a number as a suffix.

    Args:
        paths: Files; only their paths below their common folder count.
        reserved: Names that are taken.

    Returns:
        Dictionary from path, as text, to name.
    """
    paths = sorted(map(os.fspath, paths))
    names: dict[str, str] = {}
    taken = set(reserved)
    parts = {path: _parts(path, _shared_folder(paths)) for path in paths}
    for depth in range(1, max(map(len, parts.values()), default=0) + 1):
        candidates = {path: '__'.join(parts[path][-depth:]) for path in paths if path not in names}
        counts = Counter(candidates.values())
        new = {path: name for path, name in candidates.items() if counts[name] == 1 and name not in taken}
        names |= new
        taken |= set(new.values())
    for path in paths:
        if path not in names:
            name, number = parts[path][-1], 2
            while f'{name}_{number}' in taken:
                number += 1
            names[path] = f'{name}_{number}'
            taken.add(names[path])
    return names


def _shared_folder(paths: Sequence[str]) -> str:
    return os.path.commonpath([os.path.dirname(os.path.abspath(path)) for path in paths]) if paths else ''


def _parts(path: str, folder: str) -> list[str]:
    parts = Path(os.path.relpath(os.path.abspath(path), folder)).with_suffix('').parts
    return [''.join(char if char.isprintable() else '_' for char in part) for part in parts]
