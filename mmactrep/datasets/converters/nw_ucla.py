"""Northwestern-UCLA: ten actions seen by three Kinect v1 at once."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path

import numpy as np

from mmactrep.datasets.protocols import protocol_classes, protocol_numbers
from mmactrep.store.format import BadClipError
from mmactrep.structures import SkeletonLayout, get_layout

from .conversion import Clip, Conversion, Job
from .converter import Converter, add_layout_argument
from .packed_arrays import read_clip_table, read_packed_frames
from .protocols import splits_of_subject, subject_splits

FPS = 30.0
CLASSES = protocol_classes('nw_ucla')
#: Action numbers in the file names of the release, in the order of the labels.
ACTIONS = tuple(sorted(protocol_numbers('nw_ucla', 'action numbers')))
TRAIN_VIEWS = protocol_numbers('nw_ucla', 'views xview train')
TRAIN_SUBJECTS = protocol_numbers('nw_ucla', 'subjects xsub train')
NUM_SUBJECTS = 10
XVIEW_SPLITS = ('xview_train', 'xview_test', 'xview_test_distinct')


def nw_ucla(path: str | Path, layout: str | SkeletonLayout = 'kinect20') -> Conversion:
    """The conversion of Northwestern-UCLA.

    Splits: ``xview_train`` (views 1, 2), ``xview_test`` (3) and ``xview_test_distinct``; ``personNN_test``
    has one subject and ``personNN_train`` the other nine; ``xsub_*`` is the first half of the subjects
    against the second.

    The release has the same skeletons for views 2 and 3 of two whole actions, those of view 2 by their place
    in the room. ``xview_test`` has these copies of training clips, as the figures in the literature do;
    ``xview_test_distinct`` has no clip whose frames are all those of a training clip.

    Frames are put in order, see :func:`in_order_of_time`. Coordinates are meters in the frame of each view's
    camera: x to the sensor's left, y up, z away from it. The joints are in Kinect's own order, which begins
    with the hip center; joints at 0 were not tracked.

    Args:
        path: NPZ with ``world`` (frames, 20, 3) and ``clip``, whose rows are action, subject, repetition,
            view, first frame and frames.
        layout: Layout of the store.

    Raises:
        FileNotFoundError: If there is no such file.
        UserError: If it is of another form.
    """
    jobs = []
    rows = read_clip_table(path, 6).tolist()
    copies = _copies_of_training_clips(path, rows)
    for action, subject, repetition, view, first, frames in rows:
        name = f'a{action:02d}_s{subject:02d}_e{repetition:02d}_v{view:02d}'
        if action not in ACTIONS:
            problem = f'{path}: {name}: expected an action of {list(ACTIONS)}, found {action}'
            jobs.append(Job(name, (str(path),), problem=problem))
            continue
        splits = XVIEW_SPLITS[:1] if view in TRAIN_VIEWS else XVIEW_SPLITS[1 : 2 if first in copies else 3]
        splits += splits_of_subject(subject, NUM_SUBJECTS, TRAIN_SUBJECTS)
        jobs.append(Job(name, (str(path), ACTIONS.index(action), first, frames), splits))
    return Conversion(
        name='Northwestern-UCLA',
        folder='nw_ucla/3d',
        layout=get_layout(layout),
        classes=CLASSES,
        num_channels=3,
        jobs=jobs,
        read=partial(read_nw_ucla_clip, layout=layout),
        splits=(*XVIEW_SPLITS, *subject_splits(NUM_SUBJECTS)),
        with_score=False,
        attributes=dict(source='Northwestern-UCLA', unit='meters', axes='x left of the sensor, y up, z away'),
        notes=[f'{len(copies)} test clips are copies of training clips: xview_test_distinct is without them']
        if copies
        else (),
    )


def _copies_of_training_clips(path: str | Path, rows: list[list[int]]) -> set[int]:
    """First frames of the test clips whose coordinates are those of a training clip."""
    contents = {}
    for *_, view, first, frames in rows:
        try:
            content = read_packed_frames(path, 'world', first, frames, get_layout('kinect20').num_joints)
        except BadClipError:  # reported when the clip is converted
            continue
        contents[first] = (view in TRAIN_VIEWS, content.tobytes())
    known = {content for train, content in contents.values() if train}
    return {first for first, (train, content) in contents.items() if not train and content in known}


def in_order_of_time(keypoint: np.ndarray) -> np.ndarray:
    """Frames in order, where they were sorted by the text of their numbers: 100 to 110, then 85 to 99.

    Such a clip leaps once, from its last frame to its first, and its ends join. It is recognized by the
    median distance that joints move from a frame to the next: the largest is 2.5 times the second largest,
    at least 8 cm, and more than twice the one from the last frame back to the first.

    Args:
        keypoint: (T, V, 3) meters.

    Returns:
        The same frames, from the one behind the leap to the one before it.
    """
    if len(keypoint) < 4:
        return keypoint
    steps = np.linalg.norm(keypoint - np.roll(keypoint, 1, axis=0), axis=-1)
    back, *steps = np.median(steps, axis=-1)
    largest, second = sorted(steps, reverse=True)[:2]
    if largest < max(2.5 * second, 0.08) or back > 0.5 * largest:
        return keypoint
    return np.roll(keypoint, -(int(np.argmax(steps)) + 1), axis=0)


def read_nw_ucla_clip(source: tuple[str, int, int, int], layout: str | SkeletonLayout) -> Clip:
    """One clip from (file, label, first frame, frames).

    Raises:
        BadClipError: If the file does not have these frames.
    """
    path, label, first, frames = source
    kinect = get_layout('kinect20')
    keypoint = in_order_of_time(read_packed_frames(path, 'world', first, frames, kinect.num_joints))[None]
    keypoint, score = kinect.mapping_to(get_layout(layout))(keypoint)
    return Clip(keypoint, score, label, fps=FPS)


def _build(args: argparse.Namespace) -> Conversion:
    return nw_ucla(args.src, args.layout)


CONVERTER = Converter(
    title='Northwestern-UCLA: cross-view, cross-subject, one person left out',
    description="""Convert Northwestern-UCLA's skeletons into a store in meters.

    mmactrep convert nw_ucla --src nw_ucla.npz --out data/nw_ucla/3d

--src contains the arrays world and clip. The splits xview_* are views 1 and 2 against 3, xsub_* subjects 1 to
5 against 6 to 10, and personNN_* one person against the other nine.""",
    build=_build,
    add_arguments=partial(add_layout_argument, layout='kinect20'),
)
