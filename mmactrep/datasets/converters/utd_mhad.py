"""UTD-MHAD: 27 actions, Kinect v1 skeletons in MATLAB files."""

from __future__ import annotations

import argparse
import re
from functools import partial
from pathlib import Path

from mmactrep.datasets.protocols import protocol_classes, protocol_numbers
from mmactrep.store.format import BadClipError
from mmactrep.structures import SkeletonLayout, get_layout

from .conversion import Clip, Conversion, Job, bad_job, clip_file, real_numbers
from .converter import Converter, add_layout_argument
from .matlab import read_matlab

FPS = 30.0
CLASSES = protocol_classes('utd_mhad')
TRAIN_SUBJECTS = protocol_numbers('utd_mhad', 'subjects xsub train')

_NAME = re.compile(r'a(?P<action>\d{1,2})_s(?P<subject>\d{1,2})_t\d{1,2}(?=_skeleton$)', re.ASCII)
# The files go from the head down to the hip center, Kinect's own order goes up. The rest is the same.
_TO_KINECT = (3, 2, 1, 0, *range(4, 20))


def utd_mhad(root: str | Path, layout: str | SkeletonLayout = 'kinect20') -> Conversion:
    """The conversion of UTD-MHAD, with the splits ``xsub_train`` (odd subjects) and ``xsub_test``.

    Coordinates are meters in Kinect v1's camera frame: x to the sensor's left, y up, z away from it.

    Args:
        root: Folder of the files ``aA_sS_tT_skeleton.mat``.
        layout: Layout of the store.

    Raises:
        FileNotFoundError: If there is no such file.
    """
    files = sorted(Path(root).glob('*.mat'))
    if not files:
        raise FileNotFoundError(f'{root}: no .mat files; expected aA_sS_tT_skeleton.mat')
    jobs = []
    for path in files:
        match = _NAME.match(path.stem)
        if match is None:
            jobs.append(bad_job(path, f"'{path.name}' is not a name like a1_s1_t1_skeleton.mat"))
            continue
        split = 'xsub_train' if int(match['subject']) in TRAIN_SUBJECTS else 'xsub_test'
        jobs.append(Job(match[0], (str(path), int(match['action']) - 1), (split,)))
    return Conversion(
        name='UTD-MHAD',
        folder='utd_mhad/3d',
        layout=get_layout(layout),
        classes=CLASSES,
        num_channels=3,
        jobs=jobs,
        read=partial(read_utd_mhad_clip, layout=layout),
        splits=('xsub_train', 'xsub_test'),
        with_score=False,
        attributes=dict(source='UTD-MHAD', unit='meters', axes='x left of the sensor, y up, z away'),
    )


def read_utd_mhad_clip(source: tuple[str, int], layout: str | SkeletonLayout) -> Clip:
    """One clip from (file, label).

    Raises:
        BadClipError: If the file is truncated or foreign.
    """
    path, label = source
    with clip_file():
        skeleton = read_matlab(path, ('d_skel',)).get('d_skel')
    if skeleton is None or isinstance(skeleton, str) or skeleton.ndim not in (2, 3):
        raise BadClipError(f"{path}: expected an array 'd_skel' (20, 3, frames)")
    skeleton = skeleton.reshape(*skeleton.shape[:2], -1)  # MATLAB drops a last axis of length 1
    if skeleton.shape[:2] != (20, 3) or not skeleton.shape[2]:
        raise BadClipError(f"{path}: expected 'd_skel' (20, 3, frames), found {skeleton.shape}")
    keypoint = real_numbers(skeleton, f"{path}: 'd_skel'", finite=True).transpose(2, 0, 1)[
        None, :, _TO_KINECT
    ]
    keypoint, score = get_layout('kinect20').mapping_to(get_layout(layout))(keypoint)
    return Clip(keypoint, score, label, fps=FPS)


def _build(args: argparse.Namespace) -> Conversion:
    return utd_mhad(args.src, args.layout)


CONVERTER = Converter(
    title='UTD-MHAD: cross-subject',
    description="""Convert UTD-MHAD's skeletons into a store in meters: odd subjects train, even ones test.

    mmactrep convert utd_mhad --src UTD-MHAD/skeleton --out data/utd_mhad/3d

--src is the folder of the files aA_sS_tT_skeleton.mat.""",
    build=_build,
    add_arguments=partial(add_layout_argument, layout='kinect20'),
)
