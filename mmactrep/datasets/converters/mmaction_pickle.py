"""mmaction2's skeleton annotation files: ``ntu60_2d.pkl``, ``hmdb51_2d.pkl`` and the like."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import numpy as np

from mmactrep.store.format import BadClipError
from mmactrep.structures import get_layout

from .conversion import Clip, Conversion, Job, class_names, read_class_file
from .persons import most_active_persons
from .safe_pickle import LazyArray, load_plain_pickle

_DEFAULT_LAYOUTS = {(17, 2): 'coco17', (17, 3): 'coco17', (25, 3): 'ntu25'}


def mmaction_pickle(
    path: str | Path,
    layout: str | None = None,
    target_layout: str | None = None,
    classes: str | Path | None = None,
    split: str | None = None,
    max_persons: int | None = None,
) -> Conversion:
    """The conversion of an mmaction2 annotation file.

    Args:
        path: A pickle of ``dict(split={name: ids}, annotations=[...])``, or of the list alone. An
            annotation has ``frame_dir`` (or ``filename``), ``label``, ``keypoint`` (M, T, V, C), and in 2D
            ``keypoint_score`` (M, T, V) and ``img_shape``.
        layout: Layout of the file's joints. Default: ``coco17`` for 17 joints, ``ntu25`` for 25 in 3D.
        target_layout: Layout of the store. Default: the same.
        classes: Text file of class names, one a line. Default: ``class_000`` to the highest label.
        split: Name of the split that all clips of a bare list belong to.
        max_persons: Persons kept, those whose coordinates deviate most. Default: all, in their order.

    Raises:
        UnpicklingError: If the file holds anything but plain containers and arrays.
        ValueError: If its structure is foreign, or a split names clips that it lacks.
    """
    path = Path(path)
    annotations, splits = _parts(path, load_plain_pickle(path), split)
    jobs = _jobs(path, annotations, splits)
    joints, channels = _first_shape(annotations, path)
    layout = layout or _DEFAULT_LAYOUTS.get((joints, channels))
    if layout is None:
        raise ValueError(
            f'{path}: {joints} joints of {channels} coordinates; name their layout with --layout'
        )
    labels = [entry.get('label') for entry in annotations]
    highest = max((label for label in labels if isinstance(label, int)), default=-1)
    return Conversion(
        name=path.name,
        folder=path.stem,
        layout=get_layout(target_layout or layout),
        classes=read_class_file(classes) if classes else class_names(highest + 1),
        num_channels=channels,
        jobs=jobs,
        read=partial(
            read_annotation,
            path=str(path),
            layout=layout,
            target_layout=target_layout or layout,
            channels=channels,
            max_persons=max_persons,
        ),
        splits=tuple(splits),
        attributes=dict(source=f'mmaction2: {path.name}'),
    )


def read_annotation(
    annotation: dict, path: str, layout: str, target_layout: str, channels: int, max_persons: int | None
) -> Clip:
    """One clip from its annotation, whose arrays lie in the pickle.

    Raises:
        BadClipError: If a key is absent or an array does not fit.
    """
    name = _name(annotation)
    where = f"{path}: clip '{name}'"
    source = get_layout(layout)
    keypoint = _load(annotation, 'keypoint', path, where)
    if keypoint is None:
        raise BadClipError(
            f"{where}: expected an array 'keypoint', found {sorted(annotation)}; files that keep their "
            'keypoints elsewhere, as those of Kinetics, are not supported'
        )
    if keypoint.ndim != 4 or keypoint.shape[2:] != (source.num_joints, channels):
        raise BadClipError(
            f'{where}: expected keypoints (M, T, {source.num_joints}, {channels}), found {keypoint.shape}'
        )
    score = _load(annotation, 'keypoint_score', path, where)
    if score is not None and score.shape != keypoint.shape[:3]:
        raise BadClipError(f'{where}: expected scores {keypoint.shape[:3]}, found {score.shape}')
    frames = annotation.get('total_frames', keypoint.shape[1])
    if frames != keypoint.shape[1]:
        raise BadClipError(f'{where}: expected {frames} frames, found {keypoint.shape[1]}')
    label = annotation.get('label')
    if not isinstance(label, int):
        raise BadClipError(f"{where}: expected a whole number as 'label', found {label!r}")
    if max_persons is not None:
        kept = most_active_persons(keypoint, max_persons)
        keypoint, score = keypoint[kept], None if score is None else score[kept]
    keypoint, score = source.mapping_to(get_layout(target_layout))(keypoint, score)
    shape = annotation.get('img_shape') or (0, 0)
    return Clip(keypoint, score, label, (int(shape[0]), int(shape[1])))


def _parts(path: Path, content: Any, split: str | None) -> tuple[list[dict], dict[str, list[str]]]:
    """Annotations, and clip ids by split."""
    annotations, splits = content, {}
    if isinstance(content, dict):
        annotations, splits = content.get('annotations'), content.get('split', {})
    plain = isinstance(annotations, list) and all(isinstance(entry, dict) for entry in annotations)
    if not plain or not annotations:
        raise ValueError(
            f'{path}: expected a list of annotations, or dict(split=..., annotations=[...]); found '
            f'{sorted(map(str, content)) if isinstance(content, dict) else type(content).__name__}'
        )
    if not isinstance(splits, dict) or not all(
        isinstance(ids, (list, tuple, set)) for ids in splits.values()
    ):
        raise ValueError(f"{path}: expected 'split' to be {{name: [clip ids]}}")
    if split is not None:
        if splits:
            raise ValueError(f'{path}: has the splits {sorted(splits)}, a name for all clips is not needed')
        splits = {split: [_name(entry) for entry in annotations]}
    return annotations, splits


def _jobs(path: Path, annotations: list[dict], splits: dict[str, list[str]]) -> list[Job]:
    members: dict[str, list[str]] = {}
    for name, ids in splits.items():
        for clip_id in ids:
            members.setdefault(clip_id, []).append(name)
    jobs = []
    for place, entry in enumerate(annotations):
        clip_id = _name(entry)
        if not isinstance(clip_id, str) or not clip_id:
            raise ValueError(f"{path}: annotation {place} has no 'frame_dir' or 'filename'")
        jobs.append(Job(clip_id, entry, tuple(members.pop(clip_id, ()))))
    if members:
        raise ValueError(
            f'{path}: its splits name {len(members)} clips that are not annotated: {list(members)[:5]}'
        )
    return jobs


def _name(annotation: dict) -> Any:
    # mmaction2's own order: its data set looks for 'filename' first
    return annotation.get('filename') or annotation.get('frame_dir')


def _first_shape(annotations: list[dict], path: Path) -> tuple[int, int]:
    for entry in annotations:
        array = entry.get('keypoint')
        if isinstance(array, LazyArray) and len(array.shape) == 4:
            return array.shape[2], array.shape[3]
    raise ValueError(f"{path}: no annotation has an array 'keypoint' of shape (M, T, V, C)")


def _load(annotation: dict, key: str, path: str, where: str) -> np.ndarray | None:
    array = annotation.get(key)
    if not isinstance(array, LazyArray):
        return None
    try:
        return array.load(path).astype(np.float32)
    except (UnpicklingError, ValueError) as error:
        raise BadClipError(f"{where}: '{key}' cannot be read: {error}") from error
