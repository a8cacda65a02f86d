"""Charades: poses of whole videos and their dense annotation in seconds."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from mmactrep.structures import get_layout

from .conversion import Clip, Conversion, Job, class_names
from .dense_annotation import (
    DenseAnnotation,
    check_class_count,
    find_pose_files,
    frame_segments,
    load_dense_annotation,
    read_pose_file,
    select_videos,
)

NUM_CLASSES = 157


def charades(
    root: str | Path,
    annotation: str | Path,
    layout: str = 'posetics17',
    source_layout: str = 'coco17',
    max_persons: int = 1,
    classes: Sequence[str] | None = None,
    fps: float | None = None,
    img_shape: tuple[int, int] = (480, 640),
) -> Conversion:
    """The conversion of Charades.

    Args:
        root: Folder of the pose files, ``VIDEO*.npz`` (``kpts``) or LCRNet++'s ``.json``.
        annotation: JSON with the dense annotation in seconds.
        layout: Layout of the store.
        source_layout: Layout of NPZ files.
        max_persons: Persons kept of a file with several.
        classes: Class names. Default: ``class_000`` and so on, 157.
        fps: Frames a second of the pose files. Default: for each video, its frames divided by its duration.
        img_shape: (height, width) in whose pixels the poses are given.

    Raises:
        FileNotFoundError: If there is no pose file.
        ValueError: If the annotation is foreign, or names no video that has a pose file.
    """
    annotations = load_dense_annotation(annotation)
    classes = class_names(NUM_CLASSES) if classes is None else list(classes)
    check_class_count(classes, annotations, annotation)
    files = find_pose_files(root, annotation)
    videos, notes = select_videos(files, annotations, annotation)
    split = dict(training=('train',), testing=('test',))
    return Conversion(
        name='Charades',
        folder='charades/2d',
        layout=get_layout(layout),
        classes=classes,
        num_channels=2,
        jobs=[Job(v, (str(files[v]), annotations[v]), split[annotations[v].subset]) for v in videos],
        read=partial(
            read_charades_clip,
            layout=layout,
            source_layout=source_layout,
            max_persons=max_persons,
            fps=fps,
            img_shape=tuple(img_shape),
        ),
        splits=('train', 'test'),
        attributes=dict(source='Charades'),
        notes=notes,
    )


def read_charades_clip(
    source: tuple[str, DenseAnnotation],
    layout: str,
    source_layout: str,
    max_persons: int,
    fps: float | None,
    img_shape: tuple[int, int],
) -> Clip:
    """One video from (pose file, annotation).

    Raises:
        BadClipError: If the file is bad.
    """
    path, entry = source
    keypoint, score = read_pose_file(path, layout, source_layout, max_persons)
    frames = keypoint.shape[1]
    fps = fps or frames / entry.duration
    segments = frame_segments(entry.actions, frames, fps)
    return Clip(keypoint, score, -1, img_shape=img_shape, fps=fps, segments=segments)
