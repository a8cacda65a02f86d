"""KARD: 18 activities, 15 joints in 2D and 3D for the same frames."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path

import numpy as np

from mmactrep.datasets.protocols import protocol_classes, protocol_numbers
from mmactrep.structures import SkeletonLayout, get_layout

from .conversion import Clip, Conversion, Job
from .converter import Converter, add_layout_argument
from .packed_arrays import read_clip_table, read_packed_frames
from .protocols import splits_of_subject, subject_splits

#: (height, width) of the depth images.
IMG_SHAPE = (480, 640)
FPS = 30.0
CLASSES = protocol_classes('kard')
TRAIN_SUBJECTS = protocol_numbers('kard', 'subjects xsub train')
NUM_SUBJECTS = 10


def kard(path: str | Path, dims: int = 3, layout: str | SkeletonLayout = 'kard15') -> Conversion:
    """The conversion of KARD.

    Splits: ``personNN_test`` has one subject and ``personNN_train`` the other nine; the authors' own
    experiments draw clips at random, which cannot be reproduced. ``xsub_*`` is a single pair for quick
    experiments: the first half of the subjects against the second.

    Coordinates are pixels in 2D. In 3D they are meters in the frame of the other Kinect data sets: x to the
    sensor's left, y up, z away from it. The files count millimeters, with x to the right, which is a mirror
    image.

    Args:
        path: NPZ with ``world``, ``screen`` (frames, 15, 3) and ``clip``, whose rows are activity, subject,
            trial, first frame and frames.
        dims: 2 or 3.
        layout: Layout of the store.

    Raises:
        FileNotFoundError: If there is no such file.
        UserError: If it is of another form.
    """
    jobs = []
    for activity, subject, trial, first, frames in read_clip_table(path, 5).tolist():
        splits = splits_of_subject(subject, NUM_SUBJECTS, TRAIN_SUBJECTS)
        source = (str(path), activity - 1, first, frames)
        jobs.append(Job(f'a{activity:02d}_s{subject:02d}_e{trial:02d}', source, splits))
    attributes = dict(source='KARD', unit='pixels')
    if dims == 3:
        attributes |= dict(unit='meters', axes='x left of the sensor, y up, z away')
    return Conversion(
        name='KARD',
        folder=f'kard/{dims}d',
        layout=get_layout(layout),
        classes=CLASSES,
        num_channels=dims,
        jobs=jobs,
        read=partial(read_kard_clip, dims=dims, layout=layout),
        splits=subject_splits(NUM_SUBJECTS),
        with_score=False,
        attributes=attributes,
    )


def read_kard_clip(source: tuple[str, int, int, int], dims: int, layout: str | SkeletonLayout) -> Clip:
    """One clip from (file, label, first frame, frames).

    Raises:
        BadClipError: If the file does not have these frames.
    """
    path, label, first, frames = source
    own = get_layout('kard15')
    keypoint = read_packed_frames(path, 'world' if dims == 3 else 'screen', first, frames, own.num_joints)[
        None
    ]
    keypoint = keypoint[..., :2] if dims == 2 else keypoint * np.array([-0.001, 0.001, 0.001], np.float32)
    keypoint, score = own.mapping_to(get_layout(layout))(keypoint)
    return Clip(keypoint, score, label, IMG_SHAPE if dims == 2 else (0, 0), FPS)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('--dims', choices=('2d', '3d'), default='3d', help='coordinates (%(default)s)')
    add_layout_argument(parser, 'kard15')


def _build(args: argparse.Namespace) -> Conversion:
    return kard(args.src, int(args.dims[0]), args.layout)


CONVERTER = Converter(
    title='KARD: cross-subject, one person left out; 2D or 3D',
    description="""Convert KARD's skeletons into a store: meters in 3D, pixels in 2D.

    mmactrep convert kard --src kard.npz --out data/kard/3d

--src contains the arrays world, screen and clip. The splits xsub_* are subjects 1 to 5 against 6 to 10, and
personNN_* one person against the other nine.""",
    build=_build,
    add_arguments=_add_arguments,
)
