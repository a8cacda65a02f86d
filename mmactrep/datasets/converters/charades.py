"""Charades: poses of whole videos and their dense annotation in seconds."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from mmactrep.arguments import FRAME_RATE
from mmactrep.store.layout_source import layout_argument
from mmactrep.structures import SkeletonLayout, get_layout

from .conversion import Clip, Conversion, Job, read_class_file
from .converter import (
    Converter,
    add_classes_argument,
    add_layout_argument,
    add_persons_argument,
    add_shape_argument,
)
from .dense_annotation import (
    DenseAnnotation,
    annotated_classes,
    find_pose_files,
    frame_segments,
    load_dense_annotation,
    note_on_times,
    read_pose_file,
    select_videos,
)

NUM_CLASSES = 157
IMG_SHAPE = (480, 640)


def charades(
    root: str | Path,
    annotation: str | Path,
    layout: str | SkeletonLayout = 'posetics17',
    source_layout: str | SkeletonLayout = 'coco17',
    max_persons: int = 1,
    classes: Sequence[str] | None = None,
    fps: float | None = None,
    img_shape: tuple[int, int] = IMG_SHAPE,
) -> Conversion:
    """The conversion of Charades.

    Args:
        root: Folder of the pose files, ``VIDEO*.npz`` (``kpts``) or LCRNet++'s ``.json``.
        annotation: JSON with the dense annotation in seconds.
        layout: Layout of the store.
        source_layout: Layout of NPZ files.
        max_persons: Persons kept from a file with several.
        classes: Class names. Default: ``class_000`` and so on, 157.
        fps: Frames per second of the pose files. Default: for each video, its frames divided by its duration.
        img_shape: (height, width) of the image to whose pixels the poses refer.

    Raises:
        FileNotFoundError: If there is no pose file.
        UserError: If the annotation is foreign, or names no video that has a pose file.
    """
    problems: dict[str, str] = {}
    annotations = load_dense_annotation(annotation, problems)
    names = annotated_classes(classes, annotations, annotation, NUM_CLASSES)
    files = find_pose_files(root, annotation)
    videos, notes = select_videos(files, annotations, problems, annotation)
    split = dict(training=('train',), testing=('test',))
    return Conversion(
        name='Charades',
        folder='charades/2d',
        layout=get_layout(layout),
        classes=names,
        num_channels=2,
        jobs=[
            *(Job(v, (str(files[v]),), problem=problems[v]) for v in files if v in problems),
            *(Job(v, (str(files[v]), annotations[v]), split[annotations[v].subset]) for v in videos),
        ],
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
    layout: str | SkeletonLayout,
    source_layout: str | SkeletonLayout,
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
    note = note_on_times(entry.actions, frames, fps)
    return Clip(keypoint, score, None, img_shape=img_shape, fps=fps, segments=segments, note=note)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('--annotation', type=Path, required=True, help='JSON with the actions, in seconds')
    add_classes_argument(parser)
    add_layout_argument(parser)
    parser.add_argument(
        '--source-layout', type=layout_argument, default='coco17', help='joint layout of NPZ files (coco17)'
    )
    add_persons_argument(parser, 1)
    parser.add_argument('--fps', type=FRAME_RATE, help='frames per second of the pose files')
    add_shape_argument(parser, IMG_SHAPE)


def _build(args: argparse.Namespace) -> Conversion:
    return charades(
        args.src,
        args.annotation,
        args.layout,
        args.source_layout,
        args.max_persons,
        read_class_file(args.classes) if args.classes else None,
        args.fps,
        tuple(args.img_shape),
    )


CONVERTER = Converter(
    title='Charades; dense labels',
    description="""Convert poses of Charades into a skeleton store with dense labels.

    mmactrep convert charades --src charades_poses --annotation charades.json --out
    data/charades/2d

--src is the folder of the pose files, one per video: .npz (array 'kpts', frames x joints x 2) or LCRNet++'s
.json. The annotation counts in seconds; frames per second are those of each video unless --fps is given.""",
    build=_build,
    add_arguments=_add_arguments,
)
