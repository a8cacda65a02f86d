"""Posetics: poses of Kinetics clips in LCRNet13 JSON, and the procedural stand-in of the same format."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from mmactrep.arguments import COUNT
from mmactrep.files import read_json, shown
from mmactrep.store.format import BadClipError
from mmactrep.structures import SkeletonLayout, get_layout

from .conversion import (
    Clip,
    Conversion,
    ConversionError,
    Job,
    bad_job,
    class_names,
    is_whole_number,
    read_class_file,
)
from .converter import Converter, add_pose_arguments
from .lcrnet_json import find_json_files, read_lcrnet_clip
from .protocols import ForeignNameError

#: (height, width) of the frames on which the poses were estimated.
IMG_SHAPE = (480, 640)
NUM_CLASSES = 320
MAX_FRAMES = 300

# YouTube's 11 characters, then '_000001_000011.json': the id is found from the end of the name because
# it may itself contain underscores and dots.
_ID = slice(-30, -19)
FOLDERS = ('train', 'val')
LABEL_FILES = ('posetics_train_label.json', 'posetics_val_label.json')
#: Beside the files of ``tools/build_dataset.py --posetics-json``: file to name, height, width and rate.
CLIP_FILE = 'clips.json'
_MAX_SETTINGS_BYTES = 1 << 20


def posetics(
    root: str | Path,
    dims: int = 2,
    max_persons: int = 2,
    max_frames: int | None = MAX_FRAMES,
    layout: str | SkeletonLayout = 'posetics17',
    folders: tuple[str, str] = FOLDERS,
    label_files: tuple[str, str] = LABEL_FILES,
) -> Conversion:
    """The conversion of Posetics, or of the stand-in.

    Clips whose label says that they have no skeleton are skipped. The persons in a frame are proposals, not
    tracks; person m of each frame goes to slot m, as in the official feeder.

    Args:
        root: Folder with the two folders of JSON files, the two label files, and optionally ``classes.txt``
            (one name per line), ``standin.json`` (the settings of the stand-in's generator), and
            ``clips.json`` (names, pictures and rates of clips that were built here, see
            :mod:`.posetics_json`).
        dims: 2 or 3.
        max_persons: Persons kept.
        max_frames: Frames kept.
        layout: Layout of the store.
        folders: Folders of training and validation clips in ``root``.
        label_files: Their label files in ``root``.

    Raises:
        FileNotFoundError: If a folder or a label file is absent.
        UserError: If a label file is foreign.
    """
    root = Path(root)
    jobs: list[Job] = []
    notes: list[str] = []
    built = read_clip_file(root / CLIP_FILE) if (root / CLIP_FILE).exists() else {}
    for split, folder, label_file in zip(('train', 'val'), folders, label_files):
        jobs += _jobs(root / folder, root / label_file, split, notes, built)
    attributes: dict = dict(source='Posetics')
    if (root / 'standin.json').exists():
        settings = read_json(root / 'standin.json', _MAX_SETTINGS_BYTES)
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
        ForeignNameError: If the name is too short to contain one.
    """
    if len(name) < -_ID.start:
        raise ForeignNameError(f"'{name}' is not a name like 0123456789a_000001_000011.json")
    return name[_ID]


def load_labels(path: str | Path) -> dict[str, dict]:
    """A label file: video id to ``{"label_index", "has_skeleton"}``.

    Raises:
        FileNotFoundError: If the file is absent.
        BadFileError: If it is truncated.
        ConversionError: If it is foreign.
    """
    content = read_json(path)
    entries = content.values() if isinstance(content, dict) else [None]
    if not all(isinstance(entry, dict) and isinstance(entry.get('has_skeleton'), bool) for entry in entries):
        raise ConversionError(
            f'{path}: expected {{id: {{"label_index": number, "has_skeleton": true or false}}, ...}}'
        )
    return content


def read_posetics_clip(
    source: tuple[str, Any], dims: int, max_persons: int, max_frames: int | None, layout: str | SkeletonLayout
) -> Clip:
    """One clip from (file, label index), or (file, label index, height, width, frames per second).

    Raises:
        BadClipError: If the file is bad, contains no person, or has no label.
    """
    path, label, *built = source
    if not is_whole_number(label, 0, 1 << 31):
        found = '' if label is None else f', found {shown(label)}'
        raise BadClipError(f'{path}: its video id has no label index in the label file{found}')
    keypoint, score = read_lcrnet_clip(path, dims, max_persons, max_frames, layout)
    if not built:
        return Clip(keypoint, score, label, IMG_SHAPE)
    height, width, fps = built
    if dims == 2:
        keypoint = np.where(score[..., None] > 0, to_frame(keypoint, (height, width), back=True), 0)
    return Clip(keypoint.astype(np.float32), score, label, (height, width), fps)


def read_clip_file(path: Path) -> dict[str, tuple[str, int, int, float]]:
    """What is known of clips that were built here: file without suffix to name, height, width and rate.

    Raises:
        BadFileError: If the file is not JSON.
        ConversionError: If it is foreign.
    """
    content = read_json(path)
    rows = content.values() if isinstance(content, dict) else [None]
    for row in rows:
        known = isinstance(row, list) and len(row) == 4 and isinstance(row[0], str)
        if not known or not all(is_whole_number(value, 0, 1 << 20) for value in row[1:3]):
            raise ConversionError(
                f'{path}: expected {{file: [name, height, width, rate]}}, found {shown(row)}'
            )
    return {name: tuple(row) for name, row in content.items()}


def to_frame(keypoint: np.ndarray, img_shape: tuple[int, int], back: bool = False) -> np.ndarray:
    """Coordinates (..., 2) of a picture in Posetics's frame of 640 x 480, or ``back`` again.

    The width is scaled to 640, and the middle of the height is 240: the screen coordinates
    x * 2 / W - [1, H / W] of both are the same. Pictures of unknown size are left as they are.
    """
    height, width = img_shape
    if not width:
        return keypoint
    scale = IMG_SHAPE[1] / width
    shift = np.array([0.0, (IMG_SHAPE[0] - height * scale) / 2])
    return (keypoint - shift) / scale if back else keypoint * scale + shift


def _jobs(
    folder: Path,
    label_file: Path,
    split: str,
    notes: list[str],
    built: Mapping[str, tuple[str, int, int, float]],
) -> list[Job]:
    labels = load_labels(label_file)
    jobs, found, without = [], set(), 0
    for path in find_json_files(folder):
        try:
            clip = video_id(path.name)
        except ForeignNameError as error:
            jobs.append(bad_job(path, error))
            continue
        found.add(clip)
        entry = labels.get(clip, {})
        if entry.get('has_skeleton', True):
            name, *picture = built.get(path.stem, (path.stem,))
            jobs.append(Job(name, (str(path), entry.get('label_index'), *picture), (split,)))
        else:
            without += 1
    absent = sum(entry['has_skeleton'] and clip not in found for clip, entry in labels.items())
    if without:
        notes.append(f'{folder}: {without} clips without a skeleton skipped, according to {label_file.name}')
    if absent:
        notes.append(f'{folder}: {absent} clips of {label_file.name} have no file')
    return jobs


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_pose_arguments(parser)
    parser.add_argument(
        '--max-frames',
        type=COUNT,
        default=MAX_FRAMES,
        metavar='N',
        help='frames kept per clip (%(default)s)',
    )
    parser.add_argument('--folders', nargs=2, default=FOLDERS, metavar=('TRAIN', 'VAL'))
    parser.add_argument('--label-files', nargs=2, default=LABEL_FILES, metavar=('TRAIN', 'VAL'))


def _build(args: argparse.Namespace) -> Conversion:
    return posetics(
        args.src,
        dims=int(args.dims[0]),
        max_persons=args.max_persons,
        max_frames=args.max_frames,
        layout=args.layout,
        folders=tuple(args.folders),
        label_files=tuple(args.label_files),
    )


CONVERTER = Converter(
    title='Posetics, or its procedural stand-in',
    description="""Convert Posetics, or its procedural stand-in, into a skeleton store: train and val.

    mmactrep convert posetics --src Posetics --out data/posetics/2d --workers 4

--src contains the folders train and val of JSON files, posetics_train_label.json and
posetics_val_label.json.""",
    build=_build,
    add_arguments=_add_arguments,
)
