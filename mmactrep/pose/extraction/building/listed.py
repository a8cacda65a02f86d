"""Clips as lists, folders and annotators name them: one record a row, none left out."""

from __future__ import annotations

import argparse
import csv
import io
import math
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from mmactrep.datasets.video.annotations.annotation import VideoFolder
from mmactrep.datasets.video.annotations.annotator import load_annotator
from mmactrep.datasets.video.annotations.folder import SPLITS as SPLIT_FOLDERS
from mmactrep.datasets.video.list_files import CLASS_FILE, read_list_file
from mmactrep.errors import UserError
from mmactrep.files import read_text, shown
from mmactrep.pose.extraction.video_list import read_classes

#: What columns may be called; a source's ``columns`` names others.
COLUMNS = dict(
    id=('id', 'youtube_id', 'video_id', 'clip_id'),
    path=('path', 'video', 'video_path', 'file', 'filename', 'file_name', 'filepath'),
    start=('start', 'time_start', 'start_time', 'begin'),
    end=('end', 'time_end', 'end_time', 'stop'),
    label=('label', 'class', 'classname', 'class_name', 'action', 'category'),
    split=('split', 'subset', 'set', 'partition'),
)
_SEPARATORS = (',', ';', '\t')


class BuildError(UserError, ValueError):
    """A list, a config or a row that no data set can be built from; the message names it."""


@dataclass(frozen=True)
class ListedClip:
    """A row.

    Args:
        where: File and line, or the video, for messages.
        video: Name of the video: an id, or a path without suffix.
        path: Path of the video below the folder of the videos; empty if it is to be found by its name.
        label: Text of the label, empty for none.
        splits: Names of the splits.
        start: First second; None for the start of the video.
        end: Second at which it ends; None for the end of the video.
        problem: What is wrong with the row, as the end of a sentence; empty if nothing is.
    """

    where: str
    video: str
    path: str = ''
    label: str = ''
    splits: tuple[str, ...] = ()
    start: float | None = None
    end: float | None = None
    problem: str = ''


def read_table(path: Path, columns: Mapping[str, str] | None = None) -> Iterator[ListedClip]:
    """The rows of a CSV file with a line of column names, as Kinetics's ``label,youtube_id,time_start,...``.

    Args:
        path: The file; commas, semicolons or tabs separate its fields.
        columns: Names of columns that are called otherwise than in :data:`COLUMNS`.

    Raises:
        BuildError: If the first line does not name the columns, or quotes are not in pairs.
    """
    text = read_text(path)
    places, separator = _places(path, text, columns or {})
    reader = csv.reader(io.StringIO(text), delimiter=separator, skipinitialspace=True, strict=True)
    width, begun = 0, False
    try:
        for fields in reader:
            if not any(field.strip() for field in fields):
                continue
            if not begun:
                width, begun = len(fields), True
            else:
                yield _listed(f'{path}:{reader.line_num}', fields, width, places)
    except csv.Error as error:
        raise BuildError(f'{path}:{reader.line_num}: expected quotes in pairs: {error}') from error


def is_table(path: Path) -> bool:
    """Whether the first line of a list names columns, with a video's id or path among them."""
    try:
        _places(path, read_text(path), {})
    except BuildError:
        return False
    return True


def read_plain_list(path: Path) -> Iterator[ListedClip]:
    """The videos of a list as ``tools/extract_poses.py`` and ``annotate_videos.py`` have it.

    A number as a label is that of a class in ``classes.txt`` beside the list, if there is one.
    """
    beside = path.with_name(CLASS_FILE)
    classes = read_classes(beside) if beside.is_file() else []
    for video in read_list_file(path):
        label, problem = video.label, ''
        if classes and label.isdecimal() and label not in classes:
            if int(label) < len(classes):
                label = classes[int(label)]
            else:
                problem = f'label {label} is beyond the {len(classes)} classes of {beside}'
        splits = (video.split,) if video.split else ()
        yield ListedClip(video.where, _stem(video.path), video.path, label, splits, problem=problem)


def read_folder(folder: VideoFolder) -> Iterator[ListedClip]:
    """Videos ``CLASS/...`` or ``train/CLASS/...``; the folders ``train``, ``val``, ``test`` are splits."""
    for path in folder.paths:
        *folders, _ = path.split('/')
        split = SPLIT_FOLDERS.get(folders[0]) if folders else None
        rest = folders[1:] if split else folders
        problem = '' if rest else f'it lies in no folder of a class below {folder.root}'
        label = rest[0] if rest else ''
        splits = (split,) if split else ()
        yield ListedClip(str(folder.root / path), _stem(path), path, label, splits, problem=problem)


def read_annotated(name: str, folder: VideoFolder, options: Mapping) -> Iterator[ListedClip]:
    """The videos of a data set that ``tools/data/annotate_videos.py`` knows.

    Args:
        name: One of its data sets.
        folder: The videos.
        options: Values of its arguments, by name: ``dict(background=True)``.

    Raises:
        BuildError: If it has no such argument, or needs one that is not given.
    """
    annotator = load_annotator(name)
    parser = argparse.ArgumentParser(add_help=False)
    annotator.add_arguments(parser)
    known = {action.dest: action for action in parser._actions}
    unknown = sorted(set(options) - set(known))
    needed = sorted(dest for dest, action in known.items() if action.required and dest not in options)
    if unknown or needed:
        what = f'unknown are {unknown}' if unknown else f'missing are {needed}'
        raise BuildError(f"data set '{name}': expected options {sorted(known)}, {what}")
    values = {dest: action.default for dest, action in known.items()} | dict(options)
    annotation = annotator.build(folder, argparse.Namespace(**values))
    splits: dict[str, list[str]] = {}
    labels: dict[str, str] = {}
    for split, videos in annotation.splits.items():
        for path, label in videos:
            splits.setdefault(path, []).append(split.replace('/', '_'))
            labels[path] = label
    for path in sorted(labels):
        yield ListedClip(
            str(folder.root / path), _stem(path), path, labels[path], tuple(dict.fromkeys(splits[path]))
        )
    for split, names in annotation.absent.items():
        for absent in names:
            yield ListedClip(
                f'{name}, split {split}',
                _stem(absent),
                absent,
                problem=f'no video {absent} below {folder.root}',
            )


def _places(path: Path, text: str, columns: Mapping[str, str]) -> tuple[dict[str, int], str]:
    """Number of each known column, and the separator."""
    first = next((line for line in text.splitlines() if line.strip()), '')
    separator = max(_SEPARATORS, key=first.count)
    names = [name.strip().strip('"').lower() for name in first.split(separator)]
    places = {}
    for column, words in COLUMNS.items():
        wanted = (columns[column].lower(),) if column in columns else words
        place = next((names.index(word) for word in wanted if word in names), None)
        if place is not None:
            places[column] = place
        elif column in columns:
            raise BuildError(f"{path}: expected a column '{columns[column]}', found {shown(first, 120)}")
    if 'id' not in places and 'path' not in places:
        raise BuildError(
            f'{path}: expected a first line of column names with an id (or youtube_id) or a path, as '
            f'label,youtube_id,time_start,time_end,split; found {shown(first, 120)}'
        )
    return places, separator


def _listed(where: str, fields: list[str], width: int, places: Mapping[str, int]) -> ListedClip:
    if len(fields) != width:
        found = ','.join(fields)
        return ListedClip(
            where, '', problem=f'expected {width} fields, found {len(fields)}: {shown(found, 80)}'
        )
    values = {column: fields[place].strip() for column, place in places.items()}
    path, problem = values.get('path', ''), ''
    video = values.get('id') or _stem(path)
    if not video:
        problem = 'it names no video'
    start, end = (_seconds(values.get(column, '')) for column in ('start', 'end'))
    wrong = next((column for column, value in (('start', start), ('end', end)) if value == math.inf), None)
    if wrong:
        start = end = None
        problem = problem or f'{wrong}: expected seconds from 0 on, found {shown(values[wrong], 40)}'
    elif end is not None and end <= (start or 0.0):
        problem = problem or f'it ends at {end:g} s, not after its start at {start or 0:g} s'
    splits = (values['split'],) if values.get('split') else ()
    return ListedClip(where, video, path, values.get('label', ''), splits, start, end, problem)


def _seconds(text: str) -> float | None:
    """Seconds from 0 on; infinity if the text is not that, None if it is empty."""
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        return math.inf
    return value if 0 <= value < math.inf else math.inf


def _stem(path: str) -> str:
    """A path without its suffix, with forward slashes."""
    return os.path.splitext(Path(path).as_posix())[0] if path else ''
