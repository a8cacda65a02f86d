"""Posetics: poses of Kinetics clips in LCRNet13 JSON, and the procedural stand-in of the same format."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

from mmactrep.store.format import BadClipError
from mmactrep.structures import get_layout

from .conversion import Clip, Conversion, Job, class_names, read_class_file
from .lcrnet_json import find_json_files, read_lcrnet_clip

#: (height, width) of the frames on which the poses were estimated.
IMG_SHAPE = (480, 640)
NUM_CLASSES = 320
MAX_FRAMES = 300

# YouTube's 11 characters, then '_000001_000011.json': the id is found from the end of the name because
# it may itself hold underscores and dots.
_ID = slice(-30, -19)


def posetics(
    root: str | Path,
    dims: int = 2,
    max_persons: int = 2,
    max_frames: int | None = MAX_FRAMES,
    layout: str = 'posetics17',
    folders: tuple[str, str] = ('train', 'val'),
    label_files: tuple[str, str] = ('posetics_train_label.json', 'posetics_val_label.json'),
) -> Conversion:
    """The conversion of Posetics, or of the stand-in.

    Clips whose label says that they have no skeleton are left out. Persons of a frame are proposals, not
    tracks; person m of each frame goes to slot m, as in the official feeder.

    Args:
        root: Folder with the two folders of JSON files, the two label files, and optionally ``classes.txt``
            (a name a line) and ``standin.json`` (the settings of the stand-in's generator).
        dims: 2 or 3.
        max_persons: Persons kept.
        max_frames: Frames kept.
        layout: Layout of the store.
        folders: Folders of training and validation clips in ``root``.
        label_files: Their label files in ``root``.

    Raises:
        FileNotFoundError: If a folder or a label file is absent.
        ValueError: If a label file is foreign.
    """
    root = Path(root)
    jobs: list[Job] = []
    notes: list[str] = []
    for split, folder, label_file in zip(('train', 'val'), folders, label_files):
        jobs += _jobs(root / folder, root / label_file, split, notes)
    attributes: dict = dict(source='Posetics')
    if (root / 'standin.json').exists():
        settings = json.loads((root / 'standin.json').read_text(encoding='utf-8'))
        attributes = dict(source='stand-in', standin=settings or True, standin_for='Posetics')
    if (root / 'classes.txt').exists():
        classes = read_class_file(root / 'classes.txt')
    else:
        classes = class_names(NUM_CLASSES)
    return Conversion(
        name='Posetics' if attributes['source'] == 'Posetics' else 'Posetics stand-in',
        folder=f'posetics/{dims}d',
        layout=get_layout(layout),
        classes=classes,
        num_channels=dims,
        jobs=jobs,
        read=partial(
            read_posetics_clip, dims=dims, max_persons=max_persons, max_frames=max_frames, layout=layout
        ),
        splits=('train', 'val'),
        attributes=attributes,
        notes=notes,
    )


def video_id(name: str) -> str:
    """The 11-character video id in a file name.

    >>> video_id('--Qc-c_.Ab0_000013_000023.json')
    '--Qc-c_.Ab0'

    Raises:
        ValueError: If the name is too short to hold one.
    """
    if len(name) < -_ID.start:
        raise ValueError(f"'{name}' is not a name like 0123456789a_000001_000011.json")
    return name[_ID]


def load_labels(path: str | Path) -> dict[str, dict]:
    """A label file: video id to ``{"label_index", "has_skeleton"}``.

    Raises:
        ValueError: If the file is truncated or foreign.
    """
    try:
        content = json.loads(Path(path).read_text(encoding='utf-8'))
    except ValueError as error:
        raise ValueError(f'{path}: truncated or foreign JSON: {error}') from error
    entries = content.values() if isinstance(content, dict) else [None]
    if not all(isinstance(entry, dict) and 'has_skeleton' in entry for entry in entries):
        raise ValueError(f'{path}: expected {{id: {{"label_index": ..., "has_skeleton": ...}}, ...}}')
    return content


def read_posetics_clip(
    source: tuple[str, int | None], dims: int, max_persons: int, max_frames: int | None, layout: str
) -> Clip:
    """One clip from (file, label index).

    Raises:
        BadClipError: If the file is bad, holds no person, or has no label.
    """
    path, label = source
    if not isinstance(label, int):
        raise BadClipError(f'{path}: its video id has no label index in the label file')
    keypoint, score = read_lcrnet_clip(path, dims, max_persons, max_frames, layout)
    return Clip(keypoint, score, label, IMG_SHAPE)


def _jobs(folder: Path, label_file: Path, split: str, notes: list[str]) -> list[Job]:
    labels = load_labels(label_file)
    jobs, found, without = [], set(), 0
    for path in find_json_files(folder):
        clip = video_id(path.name)
        found.add(clip)
        entry = labels.get(clip, {})
        if entry.get('has_skeleton', True):
            jobs.append(Job(path.stem, (str(path), entry.get('label_index')), (split,)))
        else:
            without += 1
    absent = sum(entry['has_skeleton'] and clip not in found for clip, entry in labels.items())
    if without:
        notes.append(f'{folder}: {without} clips without a skeleton left out, as {label_file.name} says')
    if absent:
        notes.append(f'{folder}: {absent} clips of {label_file.name} have no file')
    return jobs
