"""Toyota Smarthome Untrimmed: LCRNet++ poses of whole videos and their dense annotation in frames."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from mmactrep.arguments import INDEX
from mmactrep.datasets.protocols import protocol_numbers
from mmactrep.store.format import BadClipError
from mmactrep.structures import SkeletonLayout, get_layout

from .conversion import Clip, Conversion, Job, bad_job, read_class_file
from .converter import Converter, add_classes_argument, add_layout_argument, add_persons_argument
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
from .protocols import ForeignNameError

#: (height, width) of the videos.
IMG_SHAPE = (480, 640)
#: Cameras of the cross-view split, those of Smarthome's CV2: the annotation itself has no such split.
CV_TRAIN_CAMERAS = tuple(sorted(protocol_numbers('tsu', 'cameras cv train')))
CV_TEST_CAMERAS = tuple(sorted(protocol_numbers('tsu', 'cameras cv test')))
TSU_SPLITS = ('cs_train', 'cs_test', 'cv_train', 'cv_test')

_NAME = re.compile(r'P(?P<subject>\d+)T(?P<take>\d+)[a-z]*C(?P<camera>\d+)$', re.ASCII)


def tsu_camera(video: str) -> int:
    """Camera number in a video's name.

    >>> tsu_camera('P11T13C03')
    3
    """
    match = _NAME.match(video)
    if match is None:
        raise ForeignNameError(f"'{video}' is not a name like P11T13C03")
    return int(match['camera'])


def tsu(
    root: str | Path,
    annotation: str | Path,
    layout: str | SkeletonLayout = 'posetics17',
    max_persons: int = 1,
    classes: Sequence[str] | None = None,
    cv_train_cameras: Sequence[int] = CV_TRAIN_CAMERAS,
    cv_test_cameras: Sequence[int] = CV_TEST_CAMERAS,
) -> Conversion:
    """The conversion of TSU, cross-subject and cross-view at once.

    Cross-subject is the annotation's own ``subset`` (its training subjects are Smarthome's). The published
    annotation does not define the cross-view split; Smarthome's CV2 cameras are used unless others are given.

    Args:
        root: Folder of the pose files, ``PxxTxxCxx_*.npz`` (``kpts``) or ``.json``.
        annotation: JSON with the dense annotation in frames.
        layout: Layout of the store.
        max_persons: Persons kept from a file with several.
        classes: Class names. Default: ``class_000`` and so on, as many as the annotation uses.
        cv_train_cameras: Cameras of ``cv_train``.
        cv_test_cameras: Cameras of ``cv_test``.

    Raises:
        FileNotFoundError: If there is no pose file.
        UserError: If the annotation is foreign, or names no video that has a pose file.
    """
    problems: dict[str, str] = {}
    annotations = load_dense_annotation(annotation, problems)
    names = annotated_classes(classes, annotations, annotation)
    files = find_pose_files(root, annotation)
    videos, notes = select_videos(files, annotations, problems, annotation)
    jobs = [Job(video, (str(files[video]),), problem=problems[video]) for video in files if video in problems]
    for video in videos:
        try:
            entry, camera = annotations[video], tsu_camera(video)
        except ForeignNameError as error:
            jobs.append(bad_job(files[video], error))
            continue
        splits = ['cs_train' if entry.subset == 'training' else 'cs_test']
        splits += ['cv_train'] * (camera in cv_train_cameras) + ['cv_test'] * (camera in cv_test_cameras)
        jobs.append(Job(video, (str(files[video]), entry), tuple(splits)))
    return Conversion(
        name='TSU',
        folder='tsu/2d',
        layout=get_layout(layout),
        classes=names,
        num_channels=2,
        jobs=jobs,
        read=partial(read_tsu_clip, layout=layout, max_persons=max_persons),
        splits=TSU_SPLITS,
        attributes=dict(
            source='Toyota Smarthome Untrimmed',
            cv_train_cameras=list(cv_train_cameras),
            cv_test_cameras=list(cv_test_cameras),
        ),
        notes=notes,
    )


def read_tsu_clip(
    source: tuple[str, DenseAnnotation], layout: str | SkeletonLayout, max_persons: int
) -> Clip:
    """One video from (pose file, annotation).

    Raises:
        BadClipError: If the file is bad, or its length is not that of the annotation (within 2 %).
    """
    path, entry = source
    keypoint, score = read_pose_file(path, layout, max_persons=max_persons)
    frames = keypoint.shape[1]
    if abs(frames - entry.duration) > max(30, 0.02 * entry.duration):
        raise BadClipError(f'{path}: has {frames} frames, the annotation says {entry.duration:g}')
    segments = frame_segments(entry.actions, frames)
    note = note_on_times(entry.actions, frames)
    return Clip(keypoint, score, None, img_shape=IMG_SHAPE, segments=segments, note=note)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('--annotation', type=Path, required=True, help='JSON with the actions, in frames')
    add_classes_argument(parser)
    add_layout_argument(parser)
    add_persons_argument(parser, 1)
    cameras = dict(type=INDEX, nargs='+', metavar='N')
    parser.add_argument('--cv-train-cameras', default=CV_TRAIN_CAMERAS, **cameras)
    parser.add_argument('--cv-test-cameras', default=CV_TEST_CAMERAS, **cameras)


def _build(args: argparse.Namespace) -> Conversion:
    return tsu(
        args.src,
        args.annotation,
        args.layout,
        args.max_persons,
        read_class_file(args.classes) if args.classes else None,
        args.cv_train_cameras,
        args.cv_test_cameras,
    )


CONVERTER = Converter(
    title='Toyota Smarthome Untrimmed: CS, CV; dense labels',
    description="""Convert Toyota Smarthome Untrimmed's poses into a store with dense labels: CS and CV.

    mmactrep convert tsu --src tsu_poses --annotation tsu_annotation.json --out data/tsu/2d

--src is the folder of the pose files, PxxTxxCxx_*.npz (array 'kpts') or LCRNet++'s .json. CS is the
annotation's own 'subset'; by default CV uses cameras 1, 3, 4, 6, 7 for training and 2 for testing.""",
    build=_build,
    add_arguments=_add_arguments,
)
