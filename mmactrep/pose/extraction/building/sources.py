"""Sources of a data set: lists and folders with their videos, their labels, their captions."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from mmactrep.datasets.video.annotations.annotation import VideoFolder
from mmactrep.datasets.video.annotations.annotator import DATASETS
from mmactrep.datasets.video.annotations.folder import SPLITS as SPLIT_FOLDERS
from mmactrep.datasets.video.annotations.kinetics import SPLITS as KINETICS_SPLITS
from mmactrep.pose.extraction.video_list import printable_name
from mmactrep.store.names import clip_id_problem, split_name_problem

from .label_mapping import LabelMapping, LabelMappingError
from .listed import (
    BuildError,
    ListedClip,
    is_table,
    read_annotated,
    read_folder,
    read_plain_list,
    read_table,
)

#: What lists call the usual splits.
SPLIT_NAMES = SPLIT_FOLDERS | KINETICS_SPLITS


@dataclass(frozen=True, slots=True)
class Row:
    """A clip that a source lists, and what is to become of it.

    Args:
        where: File and line, or the video, for messages.
        clip_id: Its name in the store.
        video: Name of its video in the source: an id, or a path without suffix.
        path: Path of the video; below the source's videos, or empty, until it is found.
        label: Its class, empty for none; with ``dropped``, the label that the source gives.
        splits: Names of its splits.
        start: First second in the video; None for its start.
        end: Second at which it ends; None for the video's end.
        source: Number of the source.
        dropped: Whether the mapping drops its label.
        problem: What is wrong, in a sentence that begins with ``where``; empty if nothing is.
    """

    where: str
    clip_id: str
    video: str
    path: str = ''
    label: str = ''
    splits: tuple[str, ...] = ()
    start: float | None = None
    end: float | None = None
    source: int = 0
    dropped: bool = False
    problem: str = ''

    def __post_init__(self) -> None:
        if self.problem and not self.problem.startswith(self.where):
            object.__setattr__(self, 'problem', f'{self.where}: {self.problem}')

    @property
    def place(self) -> str:
        """Where the row stands and its video, for messages; a video that no list names is told once."""
        return self.where if self.where == str(self.path) else f'{self.where}: {self.path}'


@dataclass(frozen=True)
class Source:
    """Where clips come from.

    Args:
        path: A CSV file with column names, as Kinetics's; a list of videos as ``tools/extract_poses.py``
            takes it; a folder of class folders; or the name of a data set that
            ``tools/data/annotate_videos.py`` knows.
        videos: Folder of the videos. Default: that of the list, or the folder itself.
        mapping: Labels to classes.
        captions: JSON file of captions, see :mod:`.captions`.
        name: Prefix of the names of its clips, ``NAME/ID``: several sources may have the same ids.
        split: Split of its rows that name none.
        splits: Split to a regular expression; rows without a split get the first that matches the name of
            their video.
        columns: Names of the list's columns where they are unusual, see :data:`.listed.COLUMNS`.
        options: Arguments of the data set's annotator.
        trimmed: Whether the files are the clips, so that nothing is cut. Default: those whose names end with
            the times of their row, as ``ID_000012_000022.mp4``.
        number: Number of the source.

    Raises:
        BuildError: If the path is neither of these, or a split is not valid.
    """

    path: str
    videos: Path | None = None
    mapping: LabelMapping = field(default_factory=LabelMapping)
    captions: Path | None = None
    name: str = ''
    split: str = ''
    splits: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
    options: Mapping = field(default_factory=dict)
    trimmed: bool | None = None
    number: int = 0

    def __post_init__(self) -> None:
        if not self.annotated and not Path(self.path).exists():
            raise BuildError(
                f'{self.path}: no such list or folder, and no data set of that name; known are '
                f'{", ".join(DATASETS)}'
            )
        if self.annotated and self.videos is None:
            raise BuildError(f"data set '{self.path}': expected the folder of its videos")
        if self.name and (problem := clip_id_problem(self.name)):
            raise BuildError(f'{self.path}: name of the source: {problem}')
        for split in filter(None, [self.split, *self.splits]):
            if problem := split_name_problem(split):
                raise BuildError(f'{self.path}: {problem}')
        for split, pattern in self.splits.items():
            _check_pattern(f"{self.path}: split '{split}'", pattern)

    @property
    def annotated(self) -> bool:
        """Whether it is a data set by its name; a file or folder of that name comes first."""
        return self.path in DATASETS and not Path(self.path).exists()

    @cached_property
    def folder(self) -> VideoFolder:
        """The videos.

        Raises:
            AnnotationError: If there are none.
        """
        own = Path(self.path)
        return VideoFolder(self.videos or (own if own.is_dir() else own.parent))

    def rows(self) -> Iterator[Row]:
        """All rows, in the order of the list; those that cannot be used have a ``problem``.

        Raises:
            BuildError: If the list cannot be read as such.
        """
        for listed in self._listed():
            yield self._row(listed)

    def _listed(self) -> Iterator[ListedClip]:
        own = Path(self.path)
        if self.annotated:
            return read_annotated(self.path, self.folder, self.options)
        if self.options:
            raise BuildError(f'{self.path}: options are for data sets by name, found {dict(self.options)}')
        if own.is_dir():
            return read_folder(self.folder)
        if self.columns or (own.suffix.lower() in ('.csv', '.tsv') and is_table(own)):
            return read_table(own, self.columns)
        return read_plain_list(own)

    def _row(self, listed: ListedClip) -> Row:
        problem, label, dropped = listed.problem, listed.label, False
        if label and not problem:
            try:
                found = self.mapping(label)
            except LabelMappingError as error:
                problem = str(error)
            else:
                dropped, label = found is None, label if found is None else found
        splits = self._splits(listed)
        problem = problem or next(filter(None, map(split_name_problem, splits)), '')
        name = clip_name(self._video(listed), listed.start, listed.end)
        name = f'{self.name}/{name}' if self.name else name
        problem = problem or clip_id_problem(name) or ''
        return Row(
            listed.where,
            name,
            listed.video,
            listed.path,
            label,
            splits,
            listed.start,
            listed.end,
            self.number,
            dropped,
            problem,
        )

    def _video(self, listed: ListedClip) -> str:
        """The name of a video, without what leads to the folder of the videos."""
        video = listed.video
        if os.path.isabs(video):
            base = str(self.folder.root.absolute())
            video = os.path.relpath(video, base) if Path(video).is_relative_to(base) else Path(video).name
        return printable_name(video)

    def _splits(self, listed: ListedClip) -> tuple[str, ...]:
        if listed.splits:
            return tuple(SPLIT_NAMES.get(split.lower(), split) for split in listed.splits)
        found = next(
            (name for name, what in self.splits.items() if re.search(what, listed.video)), self.split
        )
        return (found,) if found else ()


def _check_pattern(where: str, pattern: str) -> None:
    try:
        re.compile(pattern)
    except (re.error, TypeError) as error:
        raise BuildError(f'{where}: expected a regular expression, found {pattern!r}: {error}') from error


def clip_name(video: str, start: float | None, end: float | None) -> str:
    """Name of a part of a video as Kinetics has it; that of the video if it is the whole one.

    >>> clip_name('--Qc-c_.Ab0', 13, 23), clip_name('a', 1.5, None), clip_name('set1/0_1_4', None, None)
    ('--Qc-c_.Ab0_000013_000023', 'a_000001.500_end', 'set1/0_1_4')
    """
    if start is None and end is None:
        return video
    return f'{video}_{_time(start or 0.0)}_{"end" if end is None else _time(end)}'


def _time(seconds: float) -> str:
    return f'{seconds:06.0f}' if seconds == round(seconds) else f'{seconds:010.3f}'
