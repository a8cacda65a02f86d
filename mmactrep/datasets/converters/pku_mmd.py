"""PKU-MMD: Kinect v2 skeletons of two persons and lists of actions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np

from mmactrep.store.format import BadClipError
from mmactrep.structures import get_layout

from .conversion import Clip, Conversion, Job, class_names
from .dense_annotation import frame_segments

NUM_CLASSES = 51
FPS = 30.0
#: Views of the published cross-view split: middle and right Kinect train, the left one tests.
CV_TRAIN_VIEWS = ('M', 'R')
PKU_MMD_SPLITS = ('cs_train', 'cs_test', 'cv_train', 'cv_test')

_NAME = re.compile(r'(?P<video>\d{4}-(?P<view>[LMR]))$')
_VIDEO = re.compile(r'\b\d{4}-[LMR]\b')
_PERSONS, _JOINTS = 2, 25


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
        ValueError: If a name is foreign.
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
            raise ValueError(f"{path}: '{path.stem}' is not a name like 0002-L")
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
        ValueError: If the file has not both lists.
    """
    found: dict[str, str] = {}
    current = None
    for line in Path(path).read_text(encoding='utf-8').splitlines():
        heading = line.lower()
        if 'train' in heading:
            current = 'cs_train'
        elif 'valid' in heading or 'test' in heading:
            current = 'cs_test'
        if current:
            found |= dict.fromkeys(_VIDEO.findall(line), current)
    if set(found.values()) != {'cs_train', 'cs_test'}:
        raise ValueError(
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
    # a second person who never appears needs no room
    keypoint = keypoint[: 1 + max(np.flatnonzero(keypoint.any(axis=(1, 2, 3))), default=0)]
    actions = read_pku_mmd_labels(label_path, num_classes)
    segments = frame_segments(actions, keypoint.shape[1])
    return Clip(keypoint, None, -1, fps=FPS, segments=segments)


def read_pku_mmd_skeleton(path: str | Path) -> np.ndarray:
    """Joints (2, T, 25, 3) in metres of a text file with 150 numbers a frame; zeros where nobody is seen.

    Raises:
        BadClipError: If a line has another number of numbers, or there is none.
    """
    rows = []
    try:
        with open(path, encoding='ascii') as file:
            for number, line in enumerate(file, start=1):
                if not line.strip():
                    continue
                row = np.array(line.split(), np.float32)
                if len(row) != _PERSONS * _JOINTS * 3:
                    raise BadClipError(f'{path}, line {number}: expected 150 numbers, found {len(row)}')
                rows.append(row)
    except (OSError, ValueError) as error:
        if isinstance(error, BadClipError):
            raise
        raise BadClipError(f'{path}: not a text file of numbers: {error}') from error
    if not rows:
        raise BadClipError(f'{path}: has no frames')
    return np.stack(rows).reshape(-1, _PERSONS, _JOINTS, 3).transpose(1, 0, 2, 3)


def read_pku_mmd_labels(path: str | Path, num_classes: int = NUM_CLASSES) -> list[tuple[int, float, float]]:
    """Actions (class from 0, start, end) of a ``.label`` file, lines ``class,start,end,confidence``.

    Raises:
        BadClipError: If the file is absent or foreign, or a class is none of 1 to ``num_classes``.
    """
    try:
        lines = Path(path).read_text(encoding='ascii').splitlines()
    except (OSError, ValueError) as error:
        raise BadClipError(f'{path}: not a label file: {error}') from error
    actions = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            label, start, end = (int(float(value)) for value in line.split(',')[:3])
        except ValueError as error:
            raise BadClipError(
                f"{path}, line {number}: expected class,start,end,confidence, found '{line[:60]}'"
            ) from error
        if not 1 <= label <= num_classes:
            raise BadClipError(f'{path}, line {number}: class {label} is none of 1 to {num_classes}')
        actions.append((label - 1, float(start), float(end)))
    return actions
