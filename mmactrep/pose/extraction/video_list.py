"""Lists of videos: what a user names on a command line or in a file, as jobs."""

from __future__ import annotations

import hashlib
import os
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mmactrep.store.format import BadClipError
from mmactrep.video.frames import VIDEO_SUFFIXES

LIST_SUFFIXES = ('.txt', '.csv', '.list')


@dataclass(frozen=True)
class VideoJob:
    """A video to extract poses from.

    Args:
        path: The file.
        clip_id: Name of its clip in the store.
        label: Class index, -1 for none.
        split: Name of the split that its clips belong to, empty for none.
    """

    path: Path
    clip_id: str
    label: int = -1
    split: str = ''


def list_videos(sources: Sequence[str | os.PathLike], classes: Sequence[str] = ()) -> list[VideoJob]:
    """All videos that the sources name, in their order.

    Args:
        sources: Video files; folders, searched with their subfolders in the order of names; lists (``.txt``,
            ``.csv``, ``.list``) with a line ``path``, ``path,label`` or ``path,label,split`` a video, paths
            relative to the list, empty lines and those that start with ``#`` left out. A label is a class
            name or index, a split any word, such as ``train``.
        classes: Class names.

    Returns:
        A job a video. A clip is named by its file without the ending; where that is not unique, by the path
        below the folder that all videos share. Files are not looked at: those of a list may be absent.

    Raises:
        FileNotFoundError: If a source is absent.
        BadClipError: If there are no videos, one is named twice, a label fits no class, or a split is no
            word; naming the line.
    """
    found: list[tuple[Path, int, str]] = []
    for source in map(Path, sources):
        if not source.exists():
            raise FileNotFoundError(f'{source}: no such video, folder or list')
        if source.is_dir():
            paths = (path for path in source.rglob('*') if path.suffix.lower() in VIDEO_SUFFIXES)
            found += [(path, -1, '') for path in sorted(paths) if path.is_file()]
        elif source.suffix.lower() in LIST_SUFFIXES:
            found += _read_list(source, list(classes))
        else:
            found.append((source, -1, ''))
    if not found:
        raise BadClipError(f'no videos ({", ".join(VIDEO_SUFFIXES)}) in {", ".join(map(str, sources))}')
    names = _clip_ids([path for path, _, _ in found])
    return [VideoJob(path, name, label, split) for (path, label, split), name in zip(found, names)]


def fingerprint(jobs: Sequence[VideoJob]) -> str:
    """Checksum of the names, labels and splits of a list, the same wherever the files lie."""
    lines = ''.join(f'{job.clip_id}\t{job.label}\t{job.split}\n' for job in jobs)
    return hashlib.sha256(lines.encode()).hexdigest()


def _read_list(source: Path, classes: list[str]) -> list[tuple[Path, int, str]]:
    index = {name: i for i, name in enumerate(classes)}
    found = []
    try:
        text = source.read_text(encoding='utf-8')
    except UnicodeDecodeError as error:
        raise BadClipError(f'{source}: expected a list of videos in UTF-8: {error}') from error
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if not line or line.startswith('#'):
            continue
        path, fields = _fields(line)
        where = f'{source}:{number}'
        if len(fields) > 2:
            raise BadClipError(f"{where}: expected 'path,label,split' at most, found '{line}'")
        label, split = (*fields, '', '')[:2]
        if not re.fullmatch(r'[\w-]*', split):
            raise BadClipError(f"{where}: expected a word as the name of a split, found '{split}'")
        found.append((source.parent / path, _label(label, index, where) if label else -1, split))
    return found


def _fields(line: str) -> tuple[str, list[str]]:
    """The path of a line, which may hold commas, and what stands behind it."""
    parts = line.split(',')
    ends = [i for i, part in enumerate(parts) if Path(part.strip()).suffix.lower() in VIDEO_SUFFIXES]
    end = ends[-1] if ends else 0
    return ','.join(parts[: end + 1]).strip(), [part.strip() for part in parts[end + 1 :]]


def _label(text: str, index: dict[str, int], where: str) -> int:
    if text in index:
        return index[text]
    if text.lstrip('-').isdecimal() and -1 <= int(text) < len(index):
        return int(text)
    known = f'one of {len(index)} classes or their index' if index else 'no label, as no classes are given'
    raise BadClipError(f"{where}: expected {known}, found '{text}'")


def _clip_ids(paths: list[Path]) -> list[str]:
    whole = [path.absolute() for path in paths]
    repeated = [path for path, count in Counter(whole).items() if count > 1]
    if repeated:
        raise BadClipError(f'{repeated[0]} is named {whole.count(repeated[0])} times')
    stems = Counter(path.stem for path in paths)
    base = Path(os.path.commonpath([path.parent for path in whole]))
    names = [
        path.stem if stems[path.stem] == 1 else path.relative_to(base).with_suffix('').as_posix()
        for path in whole
    ]
    if len(set(names)) < len(names):
        # the same name with several endings
        names = [path.relative_to(base).as_posix() for path in whole]
    return names
