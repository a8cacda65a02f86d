"""Jobs from the videos that a user names on a command line or in a list."""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mmactrep.datasets.video.list_files import LIST_SUFFIXES, label_index, read_list_file
from mmactrep.files import read_text
from mmactrep.store.format import BadClipError
from mmactrep.store.names import clip_id_problem, split_name_problem
from mmactrep.video.frames import VIDEO_SUFFIXES


@dataclass(frozen=True)
class VideoJob:
    """A video to extract poses from.

    Args:
        path: The file.
        clip_id: Name of its clip in the store.
        label: Class index, -1 for none.
        split: Name of the split of its clips, empty for none.
    """

    path: Path
    clip_id: str
    label: int = -1
    split: str = ''


def list_videos(sources: Sequence[str | os.PathLike], classes: Sequence[str] = ()) -> list[VideoJob]:
    """All videos that the sources name, in order.

    Args:
        sources: Video files; folders, searched recursively in the order of names; lists (``.txt``,
            ``.csv``, ``.tsv``, ``.list``) with one line ``path``, ``path,label`` or ``path,label,split``
            per video, see :func:`~mmactrep.datasets.video.list_files.read_list_file`. Paths are relative to
            the list; a label is a class name or index, a split any word, such as ``train``.
        classes: Class names.

    Returns:
        One job per video. A clip is named after its file without suffix; if that is not unique, after the
        path relative to the common folder of all videos. Bytes of a name that are not UTF-8 or not
        printable are written as ``%E9``. Files are not opened: those in a list may be absent.

    Raises:
        FileNotFoundError: If a source is absent.
        BadClipError: If there are no videos, one is named twice, a label fits no class, or a name is not
            valid for a clip or split; the message names the line.
    """
    found: list[tuple[Path, int, str]] = []
    for source in map(Path, sources):
        if not source.exists():
            raise FileNotFoundError(f'{source}: no such video, folder or list')
        if source.is_dir():
            paths = (path for path in source.rglob('*') if path.suffix.lower() in VIDEO_SUFFIXES)
            found += [(path, -1, '') for path in sorted(paths) if path.is_file()]
        elif source.suffix.lower() in LIST_SUFFIXES:
            found += _read_list(source, classes)
        else:
            found.append((source, -1, ''))
    if not found:
        raise BadClipError(f'no videos ({", ".join(VIDEO_SUFFIXES)}) in {", ".join(map(str, sources))}')
    names = _clip_ids([path for path, _, _ in found])
    return [VideoJob(path, name, label, split) for (path, label, split), name in zip(found, names)]


def read_classes(path: Path) -> list[str]:
    """Class names, one per line.

    Raises:
        BadClipError: If a name is repeated.
    """
    names = [line.strip() for line in read_text(path).splitlines() if line.strip()]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise BadClipError(f'{path}: class names must be unique, repeated are {repeated[:5]}')
    return names


def fingerprint(jobs: Sequence[VideoJob]) -> str:
    """Checksum of the names, labels and splits of a list, independent of where the files are."""
    lines = ''.join(f'{job.clip_id}\t{job.label}\t{job.split}\n' for job in jobs)
    return hashlib.sha256(lines.encode()).hexdigest()


def _read_list(source: Path, classes: Sequence[str]) -> list[tuple[Path, int, str]]:
    found = []
    for video in read_list_file(source):
        if video.split and (problem := split_name_problem(video.split)):
            raise BadClipError(f'{video.where}: {problem}')
        label = label_index(video.label, classes, video.where)
        first, separator, _ = re.split('([,;\t]|$)', video.path, maxsplit=1)
        own = separator and (first in classes or first.isdecimal())
        if own and not (source.parent / video.path).exists():
            raise BadClipError(
                f"{video.where}: '{first:.80}' stands before the path; "
                'expected path, label, split in this order'
            )
        found.append((source.parent / video.path, label, video.split))
    return found


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
        # the same name with several suffixes
        names = [path.relative_to(base).as_posix() for path in whole]
    names = [printable_name(name) for name in names]
    for path, name in zip(paths, names):
        if problem := clip_id_problem(name):
            raise BadClipError(f'{path!s:.200}: {problem}')
    same = [name for name, count in Counter(names).items() if count > 1]
    if same:
        alike = [str(path) for path, name in zip(paths, names) if name == same[0]]
        raise BadClipError(f"{' and '.join(alike[:2])} would both be the clip '{same[0]}': rename one")
    return names


def printable_name(name: str) -> str:
    """A printable version of a file name: anything else is written as its bytes, ``%E9``."""
    return ''.join(
        ''.join(f'%{byte:02X}' for byte in _bytes_of(letter))
        if unicodedata.category(letter) in ('Cc', 'Cs', 'Zl', 'Zp')
        else letter
        for letter in name
    )


def _bytes_of(letter: str) -> bytes:
    escaped = '\udc80' <= letter <= '\udcff'
    return letter.encode('utf-8', 'surrogateescape' if escaped else 'surrogatepass')
