"""HMDB51: the official lists of its three splits, one file a class and split."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from mmactrep.files import read_text

from .annotation import Annotation, AnnotationError, VideoFolder, found_videos
from .annotator import Annotator

SPLITS = (1, 2, 3)
_FILE = re.compile(r'(?P<name>.+)_test_split(?P<number>[123])\.txt')
_LINE = re.compile(r'(?P<video>.+\.\w+)\s+(?P<part>[012])')
_PARTS = {'1': 'train', '2': 'test'}  # 0: in neither


def annotate(folder: VideoFolder, lists: Path) -> Annotation:
    """Splits ``train1``, ``test1`` to ``train3``, ``test3``.

    Raises:
        AnnotationError: If a file of a class and split is missing, or a line cannot be read.
    """
    listed: dict[str, list[tuple[str, str]]] = {
        f'{part}{number}': [] for number in SPLITS for part in ('train', 'test')
    }
    found: dict[str, set[int]] = {}
    for path in sorted(lists.glob('*_test_split?.txt')):
        match = _FILE.fullmatch(path.name)
        if match is None:
            raise AnnotationError(f'{path}: expected a name like brush_hair_test_split1.txt')
        name, number = match['name'], int(match['number'])
        found.setdefault(name, set()).add(number)
        for row, line in enumerate(read_text(path).splitlines(), 1):
            if not line.strip():
                continue
            entry = _LINE.fullmatch(line.strip())
            if entry is None:
                raise AnnotationError(f"{path}:{row}: expected 'video.avi 0, 1 or 2', found '{line:.80}'")
            if entry['part'] in _PARTS:
                listed[f'{_PARTS[entry["part"]]}{number}'].append((f'{name}/{entry["video"]}', name))
    if not found:
        raise AnnotationError(f'{lists}: no files CLASS_test_split1.txt')
    short = [name for name, numbers in found.items() if numbers != set(SPLITS)]
    if short:
        raise AnnotationError(f'{lists}: the class {short[0]} lacks one of its three splits')
    splits, absent = found_videos(folder, listed)
    return Annotation(splits, {'': sorted(found)}, absent)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        '--annotations',
        required=True,
        type=Path,
        metavar='FOLDER',
        help='the folder testTrainMulti_7030_splits',
    )


ANNOTATOR = Annotator(
    title='HMDB51: three splits',
    description="""Lists of HMDB51 from its official ones: train1, test1 to train3, test3.

    mmactrep annotate hmdb51 --videos hmdb51 \\
        --annotations testTrainMulti_7030_splits --out data/hmdb51""",
    build=lambda folder, args: annotate(folder, args.annotations),
    add_arguments=_add_arguments,
)
