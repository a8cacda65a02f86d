"""mmaction2's skeleton annotation files: ``ntu60_2d.pkl``, ``hmdb51_2d.pkl`` etc."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path

import numpy as np

from mmactrep.arguments import PERSONS
from mmactrep.files import shown
from mmactrep.store.format import BadClipError
from mmactrep.store.layout_source import layout_argument
from mmactrep.store.names import split_name_problem
from mmactrep.structures import SkeletonLayout, get_layout, joint_scores

from .conversion import (
    Clip,
    Conversion,
    ConversionError,
    Job,
    class_names,
    clip_file,
    read_class_file,
    real_numbers,
)
from .converter import Converter, add_classes_argument
from .mmaction_annotation import Annotation, clip_place, entry_name, read_entry, read_parts
from .persons import most_active_persons
from .safe_pickle import LazyArray, load_plain_pickle

_DEFAULT_LAYOUTS = {(17, 2): 'coco17', (25, 3): 'ntu25'}
# Number of clips whose third column is checked to distinguish scores from depths.
_LOOKED_AT = 20
_HIGHEST_SCORE = 1.1
_LEAST_PIXELS = 20.0


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
        third_column: What the third number of a joint is: ``'z'`` or ``'score'``. Default: z if there are
            separate scores, and for Kinect's 25 joints unless it looks like a score; else it must be given.

    Raises:
        BadPickleError: If the file contains anything but plain containers and arrays.
        ConversionError: If its structure is foreign, a split names clips that it lacks, or
            ``third_column`` must be given.
    """
    path = Path(path)
    entries, splits = read_parts(path, load_plain_pickle(path))
    names = [entry_name(entry) for entry in entries]
    if split is not None:
        if splits:
            raise ConversionError(
                f'{path}: has the splits {sorted(splits)}, so a name for all clips is not needed'
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
    """One clip from (pickle, annotation); its arrays are in the pickle.

    Raises:
        BadClipError: If an array does not fit, is damaged or does not contain real numbers.
    """
    path, annotation = source
    where = clip_place(path, annotation.name)
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
            raise BadClipError(f'{where}: its third column has values that are not scores from 0 to 1')
    score = joint_scores(keypoint, score)
    keypoint = np.where(score[..., None] > 0, keypoint, np.float32(0))
    if max_persons is not None:
        kept = most_active_persons(keypoint, max_persons)
        keypoint, score = keypoint[kept], score[kept]
    keypoint, score = joints.mapping_to(get_layout(target_layout))(keypoint, score)
    return Clip(keypoint, score, annotation.label, annotation.img_shape)


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
            jobs.append(Job(name, (str(path), read_entry(entry, name, path)), of_splits))
        except BadClipError as error:
            jobs.append(Job(name, str(path), of_splits, problem=str(error)))
    if members:
        raise ConversionError(
            f'{path}: its splits name {len(members)} clips that are not annotated: {shown(list(members)[:5])}'
        )
    return jobs


def _third_column(path: Path, annotations: list[Annotation], told: str | None) -> str:
    """Whether the third number of a joint is ``'z'`` or ``'score'``."""
    if any(annotation.score is not None for annotation in annotations):
        if told == 'score':
            raise ConversionError(f'{path}: has separate scores, so its third column is not a score')
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
        where = clip_place(path, annotation.name)
        try:
            keypoint = _load(annotation.keypoint, str(path), where)
        except BadClipError:
            continue  # reported when the clip is read
        third = keypoint[..., 2]
        if ((third < 0) | (third > _HIGHEST_SCORE)).any():
            return False
        largest = max(largest, float(np.abs(np.nan_to_num(keypoint[..., :2])).max()))
    return largest > _LEAST_PIXELS


def _load(array: LazyArray, path: str, where: str) -> np.ndarray:
    with clip_file():
        return real_numbers(array.load(path), where)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        '--layout',
        type=layout_argument,
        help="layout of the file's joints (default: coco17 or ntu25, by number of joints)",
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
        help='what the third number of a joint is, where that is not clear',
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

    mmactrep convert mmaction_pickle --src ntu60_2d.pkl --out data/ntu60_2d
    mmactrep convert mmaction_pickle --src mine.pkl --layout openpose18 --classes classes.txt""",
    build=_build,
    add_arguments=_add_arguments,
)
