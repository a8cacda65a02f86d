"""What an annotator makes: splits of videos with their classes, and the files that they become."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath

from tqdm import tqdm

from mmactrep.arguments import describe
from mmactrep.datasets.video.list_files import CLASS_FILE
from mmactrep.datasets.workers import map_in_order
from mmactrep.errors import UserError
from mmactrep.video.suffixes import VIDEO_SUFFIXES

ABSENT_FILE = 'absent.txt'
BAD_FILE = 'bad.txt'


class AnnotationError(UserError, ValueError):
    """A data set, or arguments for it, of which no lists can be made; the message says what was expected."""


@dataclass(frozen=True)
class Annotation:
    """The videos of a data set by split.

    Args:
        splits: Name of the split, perhaps with a folder (``cs/train``), to pairs of a path and a class name.
            Paths are relative to the folder of the videos.
        classes: Folder of splits, ``''`` for none, to its classes in the order of the labels.
        absent: Split to names of annotated videos that are not there.
        notes: What the user should know, one sentence each.
    """

    splits: Mapping[str, Sequence[tuple[str, str]]]
    classes: Mapping[str, Sequence[str]]
    absent: Mapping[str, Sequence[str]] = field(default_factory=dict)
    notes: Sequence[str] = ()


@dataclass
class AnnotationReport:
    """What was written.

    Args:
        files: Each list with its number of videos.
        absent: Number of annotated videos that are not there.
        bad: Videos that cannot be read, with the reason.
    """

    files: dict[Path, int] = field(default_factory=dict)
    absent: int = 0
    bad: dict[str, str] = field(default_factory=dict)


class VideoFolder:
    """The videos below a folder, found by path, name or stem.

    Args:
        root: The folder.

    Raises:
        AnnotationError: If it is absent or has no videos.
    """

    def __init__(self, root: str | os.PathLike) -> None:
        self.root = Path(root)
        if not self.root.is_dir():
            raise AnnotationError(f'{root}: no such folder of videos')
        self.paths = sorted(self._walk())
        if not self.paths:
            raise AnnotationError(f'{root}: no videos ({", ".join(VIDEO_SUFFIXES)}) in it')
        self._there = frozenset(self.paths)
        self._by_name = _unique((path.rpartition('/')[2], path) for path in self.paths)
        self._by_stem = _unique((Path(path).stem, path) for path in self.paths)

    def _walk(self) -> Iterator[str]:
        for folder, _, names in os.walk(self.root, followlinks=True):
            base = Path(folder).relative_to(self.root)
            for name in names:
                if os.path.splitext(name)[1].lower() in VIDEO_SUFFIXES:
                    yield (base / name).as_posix()

    def find(self, path: str) -> str | None:
        """Path of a video below the folder: this one, or the only one of its name or its stem.

        Data sets are kept flat or in folders of classes, and with other suffixes where they were encoded
        anew. Where both paths name folders, these must agree as far as both go: ``clap/1.mp4`` is not what is
        left of ``wave/1.mp4``.
        """
        if path in self._there:
            return path
        name = path.rpartition('/')[2]
        found = self._by_name.get(name) or self._by_stem.get(os.path.splitext(name)[0])
        return found if found is not None and _folders_agree(path, found) else None

    def find_stem(self, *stems: str) -> str | None:
        """Path of the only video that has one of these names without suffix."""
        return next((self._by_stem[stem] for stem in stems if stem in self._by_stem), None)


def _folders_agree(*paths: str) -> bool:
    shorter, longer = sorted((PurePosixPath(path).parts[:-1] for path in paths), key=len)
    return not shorter or longer[-len(shorter) :] == shorter


def _unique(pairs: Iterator[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    repeated = set()
    for key, path in pairs:
        if found.setdefault(key, path) != path:
            repeated.add(key)
    return {key: path for key, path in found.items() if key not in repeated}


def found_videos(
    folder: VideoFolder, listed: Mapping[str, Sequence[tuple[str, str]]]
) -> tuple[dict[str, list[tuple[str, str]]], dict[str, list[str]]]:
    """Divide listed videos in those that are there and those that are not.

    Args:
        folder: The videos.
        listed: Split to pairs of a path and a class.

    Returns:
        Split to pairs of the path as it is there and the class; split to the paths that are absent.
    """
    splits: dict[str, list[tuple[str, str]]] = {}
    absent: dict[str, list[str]] = {}
    for split, videos in listed.items():
        splits[split] = []
        for path, name in videos:
            found = folder.find(path)
            if found is None:
                absent.setdefault(split, []).append(path)
            else:
                splits[split].append((found, name))
    return splits, absent


def write_annotation(
    annotation: Annotation,
    root: Path,
    out: Path,
    check: bool = False,
    workers: int = 0,
    progress: bool = True,
) -> AnnotationReport:
    """Write ``SPLIT.txt`` (lines ``path label``) for every split, ``classes.txt``, and what is left out.

    Args:
        annotation: The splits.
        root: Folder of the videos.
        out: Folder of the lists.
        check: Open every video and leave out those that cannot be read.
        workers: Processes that open them.
        progress: Show a progress bar.

    Raises:
        AnnotationError: If a split has no video, or a class is unknown.
    """
    report = AnnotationReport(absent=sum(map(len, annotation.absent.values())))
    if check:
        paths = sorted({path for videos in annotation.splits.values() for path, _ in videos})
        report.bad = bad_videos(root, paths, workers, progress)
    lists = {}
    for split, videos in annotation.splits.items():
        classes = annotation.classes[split.rpartition('/')[0]]
        labels = {name: label for label, name in enumerate(classes)}
        unknown = sorted({name for _, name in videos} - set(labels))
        if unknown:
            raise AnnotationError(f'split {split}: unknown classes {unknown[:5]}, expected {classes[:5]} ...')
        lines = [f'{path} {labels[name]}\n' for path, name in videos if path not in report.bad]
        if not lines:
            raise AnnotationError(
                f'split {split}: none of its {len(videos) + len(annotation.absent.get(split, ()))} videos is '
                f'below {root} and can be read'
            )
        lists[split] = lines
    for split, lines in lists.items():
        path = out / f'{split}.txt'
        _write(path, lines)
        report.files[path] = len(lines)
    for place, classes in annotation.classes.items():
        _write(out / place / CLASS_FILE, [f'{name}\n' for name in classes])
    _write(
        out / ABSENT_FILE,
        [f'{split}\t{name}\n' for split, names in annotation.absent.items() for name in names],
    )
    _write(out / BAD_FILE, [f'{path}\t{reason}\n' for path, reason in report.bad.items()])
    return report


def bad_videos(root: Path, paths: Sequence[str], workers: int = 0, progress: bool = True) -> dict[str, str]:
    """The videos that cannot be read, with the reason; every one is decoded to its end."""
    bar = tqdm(total=len(paths), unit='video', disable=not progress)
    found = {}
    with bar, closing(map_in_order(partial(_problem, root), paths, workers)) as problems:
        for path, problem in zip(paths, problems):
            if problem:
                found[path] = problem
            bar.update()
    return found


def _problem(root: Path, path: str) -> str:
    from mmactrep.video.frames import VideoFrames

    try:
        for _ in VideoFrames(root / path, num_threads=1).batches(64):
            pass
    except (UserError, OSError) as error:
        return describe(error)
    return ''


def _write(path: Path, lines: Sequence[str]) -> None:
    """Write a list; an empty one is removed, or it would be taken for this attempt's."""
    if not lines and path.name in (ABSENT_FILE, BAD_FILE):
        path.unlink(missing_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(''.join(lines), encoding='utf-8', errors='surrogateescape')
