"""PKU-MMD: Kinect v2 skeletons of two persons and lists of actions."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np

from mmactrep.arguments import whole_number
from mmactrep.datasets.protocols import protocol_names
from mmactrep.files import read_text, reading, shown
from mmactrep.store.format import BadClipError
from mmactrep.structures import get_layout

from .conversion import (
    MAX_FRAMES,
    Clip,
    Conversion,
    ConversionError,
    Job,
    bad_job,
    class_names,
    clip_file,
    read_class_file,
    real_numbers,
)
from .converter import Converter, add_classes_argument
from .dense_annotation import frame_segments, note_on_times

NUM_CLASSES = 51
FPS = 30.0
#: Views of the published cross-view split: middle and right Kinect for training, the left one for testing.
CV_TRAIN_VIEWS = protocol_names('pku_mmd', 'views cv train')
PKU_MMD_SPLITS = ('cs_train', 'cs_test', 'cv_train', 'cv_test')

_NAME = re.compile(r'(?P<video>\d{4}-(?P<view>[LMR]))$')
_VIDEO = re.compile(r'\b\d{4}-[LMR]\b')
_PERSONS, _JOINTS = 2, 25
_MAX_BYTES = 1 << 30


def pku_mmd(
    root: str | Path,
    labels: str | Path,
    cross_subject: str | Path | None = None,
    max_persons: int = 2,
    classes: Sequence[str] | None = None,
) -> Conversion:
    """The conversion of PKU-MMD.

    Args:
        root: Folder of the ``XXXX-V.skeleton`` files.
        labels: Folder of the ``XXXX-V.label`` files.
        cross_subject: The release's ``cross-subject.txt``; without it the store has no clips in
            ``cs_train`` and ``cs_test``.
        max_persons: 1 keeps the first person of every frame, 2 both.
        classes: Class names. Default: ``class_000`` and so on, 51.

    Raises:
        FileNotFoundError: If there is no skeleton file.
        UserError: If the list of the cross-subject split is foreign.
    """
    root, labels = Path(root), Path(labels)
    paths = sorted(root.glob('*.skeleton')) if root.is_dir() else []
    if not paths:
        raise FileNotFoundError(f'{root}: no .skeleton files; expected XXXX-V.skeleton')
    subjects = read_cross_subject(cross_subject) if cross_subject else {}
    classes = class_names(NUM_CLASSES) if classes is None else list(classes)
    jobs = []
    for path in paths:
        match = _NAME.match(path.stem)
        if match is None:
            jobs.append(bad_job(path, f"'{path.stem}' is not a name like 0002-L"))
            continue
        splits = [subjects[path.stem]] if path.stem in subjects else []
        splits.append('cv_train' if match['view'] in CV_TRAIN_VIEWS else 'cv_test')
        jobs.append(Job(path.stem, (str(path), str(labels / f'{path.stem}.label')), tuple(splits)))
    return Conversion(
        name='PKU-MMD',
        folder='pku_mmd/3d',
        layout=get_layout('ntu25'),
        classes=classes,
        num_channels=3,
        jobs=jobs,
        read=partial(read_pku_mmd_clip, max_persons=max_persons, num_classes=len(classes)),
        splits=PKU_MMD_SPLITS,
        attributes=dict(source='PKU-MMD'),
        notes=[]
        if subjects
        else ['no cross-subject list is given: the splits cs_train and cs_test are empty'],
    )


def read_cross_subject(path: str | Path) -> dict[str, str]:
    """Split of every video, from a file with a heading for training and one for validation or testing.

    Raises:
        ConversionError: If the file does not have both lists.
    """
    found: dict[str, str] = {}
    current = None
    for line in read_text(path).splitlines():
        heading = line.lower()
        if 'train' in heading:
            current = 'cs_train'
        elif 'valid' in heading or 'test' in heading:
            current = 'cs_test'
        if current:
            found |= dict.fromkeys(_VIDEO.findall(line), current)
    if set(found.values()) != {'cs_train', 'cs_test'}:
        raise ConversionError(
            f'{path}: expected names like 0002-L under a heading for training and one for testing'
        )
    return found


def read_pku_mmd_clip(source: tuple[str, str], max_persons: int, num_classes: int) -> Clip:
    """One video from (skeleton file, label file).

    Raises:
        BadClipError: If a file is truncated or foreign, or a label lies outside the classes.
    """
    path, label_path = source
    keypoint = read_pku_mmd_skeleton(path)[:max_persons]
    # a second person who never appears is not stored
    keypoint = keypoint[: 1 + max(np.flatnonzero(keypoint.any(axis=(1, 2, 3))), default=0)]
    actions = read_pku_mmd_labels(label_path, num_classes)
    segments = frame_segments(actions, keypoint.shape[1])
    note = note_on_times(actions, keypoint.shape[1])
    return Clip(keypoint, None, None, fps=FPS, segments=segments, note=note)


def read_pku_mmd_skeleton(path: str | Path) -> np.ndarray:
    """Joints (2, T, 25, 3) in meters of a text file with 150 numbers per frame; zeros where nobody is seen.

    Raises:
        BadClipError: If a line does not have 150 numbers, or there are no lines.
    """
    rows = []
    with clip_file(), reading(path, 'a text file of numbers'):
        for number, line in enumerate(read_text(path, _MAX_BYTES).splitlines(), start=1):
            if not line.strip():
                continue
            row = np.array(line.split(), np.float64)
            if len(row) != _PERSONS * _JOINTS * 3:
                raise BadClipError(f'{path}, line {number}: expected 150 numbers, found {len(row)}')
            rows.append(real_numbers(row, f'{path}, line {number}', finite=True))
    if not rows:
        raise BadClipError(f'{path}: has no frames')
    if len(rows) > MAX_FRAMES:
        raise BadClipError(f'{path}: expected at most {MAX_FRAMES} frames, found {len(rows)}')
    return np.stack(rows).reshape(-1, _PERSONS, _JOINTS, 3).transpose(1, 0, 2, 3)


def read_pku_mmd_labels(path: str | Path, num_classes: int = NUM_CLASSES) -> list[tuple[int, float, float]]:
    """Actions (class from 0, start, end) of a ``.label`` file, lines ``class,start,end,confidence``.

    Raises:
        BadClipError: If the file is absent or foreign, a class is not one of 1 to ``num_classes``, or an
            action ends before it starts.
    """
    try:
        with clip_file():
            lines = read_text(path, _MAX_BYTES).splitlines()
    except FileNotFoundError as error:
        raise BadClipError(f'{path}: there is no such label file') from error
    actions = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            label, start, end = (int(float(value)) for value in line.split(',')[:3])
        except (ValueError, OverflowError) as error:
            raise BadClipError(
                f'{path}, line {number}: expected class,start,end,confidence, found {shown(line, 60)}'
            ) from error
        if not 1 <= label <= num_classes:
            raise BadClipError(f'{path}, line {number}: class {label} is not one of 1 to {num_classes}')
        if not 0 <= start <= end <= MAX_FRAMES:
            raise BadClipError(
                f'{path}, line {number}: expected 0 <= start <= end <= {MAX_FRAMES}, found {start}, {end}'
            )
        actions.append((label - 1, float(start), float(end)))
    return actions


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('--labels', type=Path, required=True, help='folder of the .label files')
    parser.add_argument('--cross-subject', type=Path, help="the release's list of the cross-subject split")
    add_classes_argument(parser)
    parser.add_argument(
        '--max-persons', type=whole_number(1, 2), default=2, metavar='N', help='persons kept (%(default)s)'
    )


def _build(args: argparse.Namespace) -> Conversion:
    classes = read_class_file(args.classes) if args.classes else None
    return pku_mmd(args.src, args.labels, args.cross_subject, args.max_persons, classes)


CONVERTER = Converter(
    title='PKU-MMD: CS, CV; dense labels',
    description="""Convert PKU-MMD's skeletons and labels into a skeleton store with dense labels: CS and CV.

    mmactrep convert pku_mmd --src Skeleton --labels Label --cross-subject Split/cross-subject.txt

--src contains XXXX-V.skeleton, --labels XXXX-V.label. Without --cross-subject the CS splits are empty.""",
    build=_build,
    add_arguments=_add_arguments,
)
