"""UCF101: the official lists of its three splits."""

from __future__ import annotations

import argparse
from pathlib import Path

from mmactrep.files import read_text, reading

from .annotation import Annotation, AnnotationError, VideoFolder, found_videos
from .annotator import Annotator

SPLITS = (1, 2, 3)


def read_classes(path: Path) -> list[str]:
    """Classes of ``classInd.txt``: lines ``1 ApplyEyeMakeup``, numbered from 1 without gaps."""
    with reading(path, "lines 'number class'", AnnotationError):
        rows = [line.split() for line in read_text(path).splitlines() if line.strip()]
        numbers, names = zip(*((int(number), name) for number, name in rows))
    if numbers != tuple(range(1, len(numbers) + 1)):
        raise AnnotationError(f'{path}: expected the numbers 1 to {len(numbers)} in order')
    return list(names)


def read_list(path: Path) -> list[tuple[str, str]]:
    """Paths and classes of ``trainlist01.txt`` or ``testlist01.txt``; the class is the path's folder."""
    found = []
    for number, line in enumerate(read_text(path).splitlines(), 1):
        if not line.strip():
            continue
        video = line.split()[0]
        name, separator, _ = video.partition('/')
        if not separator:
            raise AnnotationError(f"{path}:{number}: expected 'class/video.avi', found '{line.strip():.80}'")
        found.append((video, name))
    return found


def annotate(folder: VideoFolder, lists: Path) -> Annotation:
    """Splits ``train1``, ``test1`` to ``train3``, ``test3``."""
    listed = {
        f'{part}{number}': read_list(lists / f'{part}list{number:02d}.txt')
        for number in SPLITS
        for part in ('train', 'test')
    }
    splits, absent = found_videos(folder, listed)
    return Annotation(splits, {'': read_classes(lists / 'classInd.txt')}, absent)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        '--annotations', required=True, type=Path, metavar='FOLDER', help='the folder ucfTrainTestlist'
    )


ANNOTATOR = Annotator(
    title='UCF101: three splits',
    description="""Lists of UCF101 from its official ones: train1, test1 to train3, test3.

    mmactrep annotate ucf101 --videos UCF-101 --annotations ucfTrainTestlist \\
        --out data/ucf101""",
    build=lambda folder, args: annotate(folder, args.annotations),
    add_arguments=_add_arguments,
)
