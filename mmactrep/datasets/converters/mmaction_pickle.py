"""mmaction2's skeleton annotation files: ``ntu60_2d.pkl``, ``hmdb51_2d.pkl`` and the like."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from mmactrep.arguments import PERSONS
from mmactrep.files import shown
from mmactrep.store.format import BadClipError
from mmactrep.store.layout_source import layout_argument
from mmactrep.store.names import split_name_problem
from mmactrep.structures import SkeletonLayout, get_layout, joint_scores

from .conversion import (
    MAX_CLASSES,
    MAX_FRAMES,
    MAX_PERSONS,
    Clip,
    Conversion,
    ConversionError,
    Job,
    class_names,
    clip_file,
    is_whole_number,
    read_class_file,
    real_numbers,
)
from .converter import Converter, add_classes_argument
from .persons import most_active_persons
from .safe_pickle import LazyArray, load_plain_pickle

_DEFAULT_LAYOUTS = {(17, 2): 'coco17', (25, 3): 'ntu25'}
# Clips whose third column is looked at to tell scores from depths.
_LOOKED_AT = 20
_HIGHEST_SCORE = 1.1
_LEAST_PIXELS = 20.0
_MAX_LENGTH = 1 << 16  # pixels


@dataclass(frozen=True)
class Annotation:
    """What a file says of one clip, checked: nothing else of the file travels further.

    Args:
        name: Of the clip.
        label: Its class.
        keypoint: (M, T, V, C), still in the file.
        score: (M, T, V), still in the file, or None.
        img_shape: (height, width), (0, 0) where unknown.
    """

    name: str
    label: int
    keypoint: LazyArray
    score: LazyArray | None
    img_shape: tuple[int, int]


def mmaction_pickle(
    path: str | Path,
    layout: str | SkeletonLayout | None = None,
    target_layout: str | SkeletonLayout | None = None,
    classes: str | Path | None = None,
    split: str | None = None,
    max_persons: int | None = None,
    third_column: str | None = None,
) -> Conversion:
    """The conversion of an mmaction2 annotation file.

    Args:
        path: A pickle of ``dict(split={name: ids}, annotations=[...])``, or of the list alone. An
            annotation has ``frame_dir`` (or ``filename``), ``label``, ``keypoint`` (M, T, V, C), and in 2D
            ``keypoint_score`` (M, T, V) and ``img_shape``. Names may be whole numbers.
        layout: Layout of the file's joints. Default: ``coco17`` for 17 joints in 2D, ``ntu25`` for 25 in 3D.
        target_layout: Layout of the store. Default: the same.
        classes: Text file of class names, one per line. Default: ``class_000`` to the highest label.
        split: Name of the split that all clips of a bare list belong to.
        max_persons: Persons kept, those whose coordinates deviate most. Default: all, in their order.
        third_column: What the third number of a joint is: ``'z'`` or ``'score'``. Default: z beside scores of
            their own, and in Kinect's 25 joints unless it looks like a score; else it must be told.

    Raises:
        BadPickleError: If the file holds anything but plain containers and arrays.
        ConversionError: If its structure is foreign, a split names clips that it lacks, or what the third
            column is must be told.
    """
    path = Path(path)
    entries, splits = _parts(path, load_plain_pickle(path))
    names = [_name(entry) for entry in entries]
    if split is not None:
        if splits:
            raise ConversionError(
                f'{path}: has the splits {sorted(splits)}, a name for all clips is not needed'
            )
        splits = {split: [name for name in names if name is not None]}
    for name in splits:
        problem = split_name_problem(name)
        if problem:
            raise ConversionError(f'{path}: {problem}')
    jobs = _jobs(path, entries, names, splits)
    annotations = [job.source[1] for job in jobs if not job.problem]
    if not annotations:
        raise ConversionError(jobs[0].problem)
    joints, channels = annotations[0].keypoint.shape[2:]
    third = _third_column(path, annotations, third_column) if channels == 3 else None
    coordinates = 2 if third == 'score' else channels
    layout = layout or _DEFAULT_LAYOUTS.get((joints, coordinates))
    if layout is None:
        raise ConversionError(
            f'{path}: {joints} joints of {coordinates} coordinates; name their layout with --layout'
        )
    highest = max(annotation.label for annotation in annotations)
    return Conversion(
        name=path.name,
        folder=path.stem,
        layout=get_layout(target_layout or layout),
        classes=read_class_file(classes) if classes else class_names(highest + 1),
        num_channels=coordinates,
        jobs=jobs,
        read=partial(
            read_annotation,
            layout=layout,
            target_layout=target_layout or layout,
            channels=channels,
            max_persons=max_persons,
            third_is_score=third == 'score',
        ),
        splits=tuple(splits),
        attributes=dict(source=f'mmaction2: {path.name}'),
    )


def read_annotation(
    source: tuple[str, Annotation],
    layout: str | SkeletonLayout,
    target_layout: str | SkeletonLayout,
    channels: int,
    max_persons: int | None,
    third_is_score: bool = False,
) -> Clip:
    """One clip from (pickle, annotation); its arrays lie in the pickle.

    Raises:
        BadClipError: If an array does not fit, is damaged or holds no real numbers.
    """
    path, annotation = source
    where = _where(path, annotation.name)
    joints = get_layout(layout)
    shape = annotation.keypoint.shape
    if shape[2:] != (joints.num_joints, channels):
        raise BadClipError(
            f'{where}: expected keypoints (M, T, {joints.num_joints}, {channels}), found {shown(shape)}'
        )
    keypoint = _load(annotation.keypoint, path, f"{where}: 'keypoint'")
    score = None
    if annotation.score is not None:
        if annotation.score.shape != shape[:3]:
            raise BadClipError(f'{where}: expected scores {shape[:3]}, found {shown(annotation.score.shape)}')
        score = _load(annotation.score, path, f"{where}: 'keypoint_score'")
        if not (np.isfinite(score) & (score >= 0)).all():
            raise BadClipError(f'{where}: scores must be finite and at least 0')
    elif third_is_score:
        keypoint, score = keypoint[..., :2], keypoint[..., 2]
        if not (np.isnan(score) | ((score >= 0) & (score <= _HIGHEST_SCORE))).all():
            raise BadClipError(f'{where}: its third column holds values that are no scores from 0 to 1')
    score = joint_scores(keypoint, score)
    keypoint = np.where(score[..., None] > 0, keypoint, np.float32(0))
    if max_persons is not None:
        kept = most_active_persons(keypoint, max_persons)
        keypoint, score = keypoint[kept], score[kept]
    keypoint, score = joints.mapping_to(get_layout(target_layout))(keypoint, score)
    return Clip(keypoint, score, annotation.label, annotation.img_shape)


def _parts(path: Path, content: Any) -> tuple[list[dict], dict[str, list[str]]]:
    """Annotations, and clip names by split."""
    entries, splits = content, {}
    if isinstance(content, dict):
        entries, splits = content.get('annotations'), content.get('split', {})
    if not isinstance(entries, list) or not entries or not all(isinstance(entry, dict) for entry in entries):
        found = [*content] if isinstance(content, dict) else type(content).__name__
        raise ConversionError(
            f'{path}: expected a list of annotations, or dict(split=..., annotations=[...]); found '
            f'{found if isinstance(found, str) else shown(found)}'
        )
    if not isinstance(splits, dict) or not all(
        isinstance(name, str) and isinstance(ids, (list, tuple, set)) for name, ids in splits.items()
    ):
        raise ConversionError(f"{path}: expected 'split' to be {{name: [clip names]}}")
    found = {}
    for split, ids in splits.items():
        found[split] = [_text(clip_id) for clip_id in ids]
        if None in found[split]:
            raise ConversionError(f'{path}: split {shown(split)} holds something that is no name of a clip')
    return entries, found


def _jobs(
    path: Path, entries: list[dict], names: list[str | None], splits: dict[str, list[str]]
) -> list[Job]:
    members: dict[str, list[str]] = {}
    for split, ids in splits.items():
        for clip_id in dict.fromkeys(ids):
            members.setdefault(clip_id, []).append(split)
    jobs = []
    for place, (entry, name) in enumerate(zip(entries, names)):
        if name is None:
            problem = (
                f"{path}: annotation {place} has no 'frame_dir' or 'filename' that is a name or a number"
            )
            jobs.append(Job(f'annotation {place}', str(path), problem=problem))
            continue
        of_splits = tuple(members.pop(name, ()))
        try:
            jobs.append(Job(name, (str(path), _annotation(entry, name, path)), of_splits))
        except BadClipError as error:
            jobs.append(Job(name, str(path), of_splits, problem=str(error)))
    if members:
        raise ConversionError(
            f'{path}: its splits name {len(members)} clips that are not annotated: {shown(list(members)[:5])}'
        )
    return jobs


def _annotation(entry: dict, name: str, path: Path) -> Annotation:
    where = _where(path, name)
    keypoint, score = entry.get('keypoint'), entry.get('keypoint_score')
    if not isinstance(keypoint, LazyArray):
        raise BadClipError(
            f"{where}: expected an array 'keypoint', found {shown([*entry])}; files that keep their "
            'keypoints elsewhere, as those of Kinetics, are not supported'
        )
    shape = keypoint.shape
    if len(shape) != 4 or shape[3] not in (2, 3):
        raise BadClipError(f'{where}: expected keypoints (M, T, V, 2) or (M, T, V, 3), found {shown(shape)}')
    if not (1 <= shape[0] <= MAX_PERSONS and 1 <= shape[1] <= MAX_FRAMES):
        raise BadClipError(
            f'{where}: expected 1 to {MAX_PERSONS} persons and 1 to {MAX_FRAMES} frames, found {shown(shape)}'
        )
    if score is not None and not isinstance(score, LazyArray):
        raise BadClipError(f"{where}: expected an array 'keypoint_score', found {shown(score)}")
    frames = entry.get('total_frames', shape[1])
    if frames != shape[1]:
        raise BadClipError(f'{where}: expected {shown(frames)} frames, found {shape[1]}')
    label = entry.get('label')
    if not isinstance(label, int) or isinstance(label, bool):
        raise BadClipError(f"{where}: expected a whole number as 'label', found {shown(label)}")
    if not 0 <= label < MAX_CLASSES:
        raise BadClipError(f'{where}: label {shown(label)} is none of 0 to {MAX_CLASSES - 1}')
    return Annotation(name, label, keypoint, score, _img_shape(entry.get('img_shape'), where))


def _img_shape(value: Any, where: str) -> tuple[int, int]:
    if value is None:
        return 0, 0
    if (
        not isinstance(value, (list, tuple))
        or len(value) < 2
        or not all(is_whole_number(length, 1, _MAX_LENGTH) for length in value[:2])
    ):
        raise BadClipError(f"{where}: expected 'img_shape' (height, width) in pixels, found {shown(value)}")
    return value[0], value[1]


def _third_column(path: Path, annotations: list[Annotation], told: str | None) -> str:
    """Whether the third number of a joint is ``'z'`` or ``'score'``."""
    if any(annotation.score is not None for annotation in annotations):
        if told == 'score':
            raise ConversionError(f'{path}: has scores of its own, its third column is none')
        return 'z'
    if told is not None:
        return told
    joints = annotations[0].keypoint.shape[2]
    if joints == 25 and not _looks_like_scores(path, annotations[:_LOOKED_AT]):
        return 'z'
    raise ConversionError(
        f"{path}: {joints} joints of three numbers and no 'keypoint_score': is the third one z (3D) or a "
        'score? Say so with --third-column z or --third-column score'
    )


def _looks_like_scores(path: Path, annotations: list[Annotation]) -> bool:
    """Whether x and y are pixels and the third number stays between 0 and 1."""
    largest = 0.0
    for annotation in annotations:
        where = _where(path, annotation.name)
        try:
            keypoint = _load(annotation.keypoint, str(path), where)
        except BadClipError:
            continue  # told when the clip is read
        third = keypoint[..., 2]
        if ((third < 0) | (third > _HIGHEST_SCORE)).any():
            return False
        largest = max(largest, float(np.abs(np.nan_to_num(keypoint[..., :2])).max()))
    return largest > _LEAST_PIXELS


def _name(entry: dict) -> str | None:
    # mmaction2's own order: its data set looks for 'filename' first
    filename = entry.get('filename')
    return _text(entry.get('frame_dir') if filename is None or filename == '' else filename)


def _text(value: Any) -> str | None:
    """A clip's name, which may be a whole number; None for anything else."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if abs(value) < 10**18 else None
    return value if isinstance(value, str) and value else None


def _where(path: str | Path, name: str) -> str:
    return f"{path}: clip '{name[:200]}'"


def _load(array: LazyArray, path: str, where: str) -> np.ndarray:
    with clip_file():
        return real_numbers(array.load(path), where)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        '--layout',
        type=layout_argument,
        help="layout of the file's joints (default: coco17 or ntu25 by their number)",
    )
    parser.add_argument(
        '--target-layout', type=layout_argument, help='layout of the store (default: the same)'
    )
    add_classes_argument(parser)
    parser.add_argument('--split', help='split of all clips, where the file is a bare list')
    parser.add_argument(
        '--max-persons',
        type=PERSONS,
        metavar='N',
        help='persons kept, the most active (default: all)',
    )
    parser.add_argument(
        '--third-column',
        choices=('z', 'score'),
        help='what the third number of a joint is, if it cannot be told',
    )


def _build(args: argparse.Namespace) -> Conversion:
    return mmaction_pickle(
        args.src,
        args.layout,
        args.target_layout,
        args.classes,
        args.split,
        args.max_persons,
        args.third_column,
    )


CONVERTER = Converter(
    title="mmaction2's annotation files (.pkl), without trusting the pickle",
    description="""Convert one of mmaction2's skeleton annotation files into a skeleton store.

Nothing in the pickle is run: plain containers and arrays are read, anything else is refused.

    python tools/data/convert.py mmaction_pickle --src ntu60_2d.pkl --out data/ntu60_2d
    python tools/data/convert.py mmaction_pickle --src mine.pkl --layout openpose18 --classes classes.txt""",
    build=_build,
    add_arguments=_add_arguments,
)
