"""Files that list videos: lines of path, label and split with various separators and quotes."""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mmactrep.files import read_bytes, reading, shown
from mmactrep.store.format import BadClipError
from mmactrep.video.suffixes import VIDEO_SUFFIXES

#: Class names that ``tools/data/annotate_videos.py`` writes beside its lists.
CLASS_FILE = 'classes.txt'
#: Folder beside a list that its paths are relative to, where there is one.
VIDEO_FOLDER = 'videos'
LIST_SUFFIXES = ('.txt', '.csv', '.tsv', '.list')
_SEPARATORS = {',': 'a comma', ';': 'a semicolon', '\t': 'a tab', ' ': 'a blank'}
# A path ends after the suffix of a video, if a separator, a quote or the end of the line follows.
_ENDING = re.compile(rf'({"|".join(map(re.escape, VIDEO_SUFFIXES))})(?=$|[\s,;"])', re.IGNORECASE)
_ANY_ENDING = re.compile(r'\.\w{1,5}(?=$|[\t,;"])')
_COLUMNS = dict(
    path=('path', 'video', 'video_path', 'file', 'filename', 'file_name', 'filepath'),
    label=('label', 'class', 'class_id', 'action', 'category'),
    split=('split', 'subset', 'set', 'partition'),
)


@dataclass(frozen=True)
class ListedVideo:
    """A line of a list.

    Args:
        where: File and line, for messages.
        path: Path as in the list.
        label: Text of the label, empty for none.
        split: Name of the split, empty for none.
    """

    where: str
    path: str
    label: str = ''
    split: str = ''


def video_root(source: str | os.PathLike) -> Path:
    """The folder that the paths of a list are relative to: ``videos`` beside it, or its own folder."""
    folder = Path(source).parent
    return folder / VIDEO_FOLDER if (folder / VIDEO_FOLDER).is_dir() else folder


def read_list_file(source: Path) -> list[ListedVideo]:
    """The videos of a list.

    A line is ``path``, ``path,label`` or ``path,label,split``, separated by commas, semicolons or tabs, or
    mmaction2's ``path label``; fields may be in double quotes. A path may contain spaces and separators, as
    it ends with the suffix of a video. Empty lines, lines that start with ``#`` and a first line of column
    names are skipped. Text is UTF-8 or UTF-16; bytes that are neither are taken as those of file names.

    Raises:
        FileNotFoundError: If there is no such file.
        BadClipError: If a line cannot be read, or two lines have different separators; the message names it.
    """
    lines = []
    for number, line in enumerate(_text(source).splitlines(), 1):
        line = line.strip()
        if line and not line.startswith('#'):
            lines.append((f'{source}:{number}', line))
    if lines and _is_header(*lines[0]):
        lines = lines[1:]
    found, separators = [], {}
    for where, line in lines:
        path, separator, rest = _split_off_path(where, line)
        if separator:
            separators.setdefault(separator, where)
        if len(separators) > 1:
            (one, first), (other, second) = separators.items()
            raise BadClipError(
                f'{second}: the path is followed by {_SEPARATORS[other]}, in {first} by {_SEPARATORS[one]}; '
                'expected one separator in a list'
            )
        fields = _fields(where, separator, rest)
        if len(fields) > 2:
            raise BadClipError(f"{where}: expected 'path,label,split' at most, found {shown(line, 80)}")
        if '\0' in path:
            raise BadClipError(f'{where}: expected the path of a video, found {shown(path, 80)}')
        found.append(ListedVideo(where, path, *fields))
    return found


def _text(source: Path) -> str:
    """The text of a list; bytes that are not UTF-8 are kept as in file names."""
    content = read_bytes(source)
    with reading(source, 'a list of videos in UTF-8', error=BadClipError):
        if content[:2] in (b'\xff\xfe', b'\xfe\xff'):
            return content.decode('utf-16')
        if b'\0' in content:
            raise ValueError('found NUL bytes')
        return content.removeprefix(b'\xef\xbb\xbf').decode('utf-8', 'surrogateescape')


def _is_header(where: str, line: str) -> bool:
    """Whether a line names columns.

    Raises:
        BadClipError: If it does, but not in the order path, label, split.
    """
    names = [name.strip().strip('"').lower() for name in re.split(r'[,;\t]', line)]
    known = [next((column for column, words in _COLUMNS.items() if name in words), None) for name in names]
    if 'path' not in known or _ENDING.search(line):
        return False
    if known != list(_COLUMNS)[: len(known)]:
        raise BadClipError(
            f'{where}: expected the columns path, label, split in this order, found {shown(line, 80)}'
        )
    return True


def _split_off_path(where: str, line: str) -> tuple[str, str, str]:
    """Path, separator and the rest; the last two are empty if nothing follows the path."""
    if line.startswith('"'):
        match = re.match(r'"((?:[^"]|"")*)"', line)
        if match is None:
            raise BadClipError(f'{where}: expected a closing quote behind the path, found {shown(line, 80)}')
        path, rest = match[1].replace('""', '"'), line[len(match[0]) :]
    else:
        ends = [match.end() for match in _ENDING.finditer(line)]
        ends = ends or [match.end() for match in _ANY_ENDING.finditer(line)][:1]
        if not ends:
            raise BadClipError(f'{where}: expected the path of a video, found {shown(line, 80)}')
        path, rest = line[: ends[-1]], line[ends[-1] :]
    near = rest.lstrip(' ')
    if not near.strip(' ,;\t'):
        return path, '', ''
    if near[0] in ',;\t':
        return path, near[0], near[1:]
    if rest[0] != ' ':
        raise BadClipError(f'{where}: expected a separator behind the path, found {shown(line, 80)}')
    return path, ' ', near


def _fields(where: str, separator: str, rest: str) -> list[str]:
    """Label and split in the rest of the line; after a space there is a label alone."""
    if not separator:
        return []
    if separator == ' ':
        return [rest.strip().strip('"')]
    try:
        (row,) = csv.reader([rest], delimiter=separator, skipinitialspace=True, strict=True)
    except (csv.Error, ValueError) as error:
        raise BadClipError(
            f'{where}: expected fields, with quotes in pairs, found {shown(rest, 80)} ({error})'
        ) from error
    return [field.strip() for field in row]


def label_index(text: str, classes: Sequence[str], where: str) -> int:
    """Index of a class that is given by its name or its index, -1 for none.

    Raises:
        BadClipError: If it is neither.
    """
    if not text:
        return -1
    if text in classes:
        return list(classes).index(text)
    if re.fullmatch(r'-?\d{1,9}', text, re.ASCII) and -1 <= int(text) < len(classes):
        return int(text)
    known = (
        f'one of {len(classes)} classes or their index' if classes else 'no label, as no classes are given'
    )
    raise BadClipError(f'{where}: expected {known}, found {shown(text, 80)}')
