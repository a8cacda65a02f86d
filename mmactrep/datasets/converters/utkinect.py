"""UTKinect-Action3D: 10 actions, Kinect v1 skeletons as text, one file per clip."""

from __future__ import annotations

import argparse
import re
from functools import partial
from pathlib import Path

import numpy as np

from mmactrep.datasets.protocols import protocol_classes, protocol_numbers
from mmactrep.files import read_text, reading
from mmactrep.store.format import BadClipError
from mmactrep.structures import SkeletonLayout, get_layout

from .conversion import Clip, Conversion, Job, bad_job, clip_file, real_numbers
from .converter import Converter, add_layout_argument

CLASSES = protocol_classes('utkinect')
TRAIN_SUBJECTS = protocol_numbers('utkinect', 'subjects xsub train')

_NAME = re.compile(r'a(?P<action>\d{1,2})_s(?P<subject>\d{1,2})_e\d{1,2}$', re.ASCII)
_MAX_BYTES = 1 << 26


def utkinect(root: str | Path, layout: str | SkeletonLayout = 'kinect20') -> Conversion:
    """The conversion of UTKinect-Action3D, with the splits ``xsub_train`` (subjects 1 to 5) and
    ``xsub_test``.

    Coordinates are meters in Kinect v1's camera frame: x to the sensor's left, y up, z away from it. The
    files use Kinect's own order of joints, which begins with the hip center.

    Args:
        root: Folder of the files ``aAA_sSS_eEE.txt``, one line ``x y z`` per joint.
        layout: Layout of the store.

    Raises:
        FileNotFoundError: If there is no such file.
    """
    files = sorted(Path(root).glob('*.txt'))
    if not files:
        raise FileNotFoundError(f'{root}: no .txt files; expected aAA_sSS_eEE.txt')
    jobs = []
    for path in files:
        match = _NAME.match(path.stem)
        if match is None:
            jobs.append(bad_job(path, f"'{path.name}' is not a name like a01_s01_e01.txt"))
            continue
        split = 'xsub_train' if int(match['subject']) in TRAIN_SUBJECTS else 'xsub_test'
        jobs.append(Job(path.stem, (str(path), int(match['action']) - 1), (split,)))
    return Conversion(
        name='UTKinect-Action3D',
        folder='utkinect/3d',
        layout=get_layout(layout),
        classes=CLASSES,
        num_channels=3,
        jobs=jobs,
        read=partial(read_utkinect_clip, layout=layout),
        splits=('xsub_train', 'xsub_test'),
        with_score=False,
        attributes=dict(source='UTKinect-Action3D', unit='meters', axes='x left of the sensor, y up, z away'),
    )


def read_utkinect_clip(source: tuple[str, int], layout: str | SkeletonLayout) -> Clip:
    """One clip from (file, label).

    Raises:
        BadClipError: If the file is truncated or foreign.
    """
    path, label = source
    kinect = get_layout('kinect20')
    with clip_file(), reading(path, 'a text file of numbers'):
        rows = [line.split() for line in read_text(path, _MAX_BYTES).splitlines() if line.strip()]
        wrong = next((number for number, row in enumerate(rows, start=1) if len(row) != 3), None)
        if wrong is not None:
            raise BadClipError(f'{path}, line {wrong}: expected x y z, found {len(rows[wrong - 1])} values')
        values = real_numbers(np.array(rows, np.float64).reshape(-1, 3), f'{path}: (line, axis)', finite=True)
    if not len(values) or len(values) % kinect.num_joints:
        raise BadClipError(f'{path}: expected {kinect.num_joints} lines per frame, found {len(values)} lines')
    keypoint = values.reshape(1, -1, kinect.num_joints, 3)
    keypoint, score = kinect.mapping_to(get_layout(layout))(keypoint)
    return Clip(keypoint, score, label)


def _build(args: argparse.Namespace) -> Conversion:
    return utkinect(args.src, args.layout)


CONVERTER = Converter(
    title='UTKinect-Action3D: cross-subject',
    description="""Convert UTKinect-Action3D's skeletons into a store in meters: subjects 1 to 5 train.

    mmactrep convert utkinect --src UTKinect --out data/utkinect/3d

--src is the folder of the files aAA_sSS_eEE.txt, one per clip, with one line x y z per joint.""",
    build=_build,
    add_arguments=partial(add_layout_argument, layout='kinect20'),
)
