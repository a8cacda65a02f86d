"""Northwestern-UCLA: ten actions seen by three Kinect v1 at once."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path

from mmactrep.datasets.protocols import protocol_classes, protocol_numbers
from mmactrep.structures import SkeletonLayout, get_layout

from .conversion import Clip, Conversion, Job
from .converter import Converter, add_layout_argument
from .packed_arrays import read_clip_table, read_packed_frames

FPS = 30.0
CLASSES = protocol_classes('nw_ucla')
#: Action numbers in the file names of the release, in the order of the labels.
ACTIONS = tuple(sorted(protocol_numbers('nw_ucla', 'action numbers')))
TRAIN_VIEWS = protocol_numbers('nw_ucla', 'views xview train')


def nw_ucla(path: str | Path, layout: str | SkeletonLayout = 'kinect20') -> Conversion:
    """The conversion of Northwestern-UCLA, with the splits ``xview_train`` (views 1, 2) and ``xview_test``
    (3).

    Coordinates are meters in the frame of each view's camera: x to the sensor's left, y up, z away from it.
    The joints are in Kinect's own order, which begins with the hip center; joints at 0 were not tracked.

    Args:
        path: NPZ with ``world`` (frames, 20, 3) and ``clip``, whose rows are action, subject, repetition,
            view, first frame and frames.
        layout: Layout of the store.

    Raises:
        FileNotFoundError: If there is no such file.
        UserError: If it is of another form.
    """
    jobs = []
    for action, subject, repetition, view, first, frames in read_clip_table(path, 6).tolist():
        name = f'a{action:02d}_s{subject:02d}_e{repetition:02d}_v{view:02d}'
        if action not in ACTIONS:
            problem = f'{path}: {name}: expected an action of {list(ACTIONS)}, found {action}'
            jobs.append(Job(name, (str(path),), problem=problem))
            continue
        split = 'xview_train' if view in TRAIN_VIEWS else 'xview_test'
        jobs.append(Job(name, (str(path), ACTIONS.index(action), first, frames), (split,)))
    return Conversion(
        name='Northwestern-UCLA',
        folder='nw_ucla/3d',
        layout=get_layout(layout),
        classes=CLASSES,
        num_channels=3,
        jobs=jobs,
        read=partial(read_nw_ucla_clip, layout=layout),
        splits=('xview_train', 'xview_test'),
        with_score=False,
        attributes=dict(source='Northwestern-UCLA', unit='meters', axes='x left of the sensor, y up, z away'),
    )


def read_nw_ucla_clip(source: tuple[str, int, int, int], layout: str | SkeletonLayout) -> Clip:
    """One clip from (file, label, first frame, frames).

    Raises:
        BadClipError: If the file does not have these frames.
    """
    path, label, first, frames = source
    kinect = get_layout('kinect20')
    keypoint = read_packed_frames(path, 'world', first, frames, kinect.num_joints)[None]
    keypoint, score = kinect.mapping_to(get_layout(layout))(keypoint)
    return Clip(keypoint, score, label, fps=FPS)


def _build(args: argparse.Namespace) -> Conversion:
    return nw_ucla(args.src, args.layout)


CONVERTER = Converter(
    title='Northwestern-UCLA: cross-view',
    description="""Convert Northwestern-UCLA's skeletons into a store in meters: trained on views 1 and 2.

    python tools/data/convert.py nw_ucla --src nw_ucla.npz --out data/nw_ucla/3d

--src contains the arrays world and clip.""",
    build=_build,
    add_arguments=partial(add_layout_argument, layout='kinect20'),
)
