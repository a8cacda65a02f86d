"""Toyota Smarthome: LCRNet++ or SSTA-PRS poses in LCRNet13 JSON."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path

from mmactrep.store.format import BadClipError
from mmactrep.structures import SkeletonLayout, get_layout

from .conversion import Clip, Conversion, Job, bad_job
from .converter import Converter, add_pose_arguments
from .lcrnet_json import find_json_files, read_lcrnet_clip
from .protocols import (
    SMARTHOME_CLASSES,
    SMARTHOME_SPLITS,
    ForeignNameError,
    smarthome_fields,
    smarthome_splits,
)

#: (height, width) of the videos.
IMG_SHAPE = (480, 640)


def smarthome(
    root: str | Path,
    dims: int = 2,
    max_persons: int = 2,
    layout: str | SkeletonLayout = 'posetics17',
) -> Conversion:
    """The conversion of Smarthome, for all three protocols at once.

    The store has the 31 classes of the cross-subject protocol. The splits ``cv1_*`` and ``cv2_*`` name only
    clips of the 19 cross-view classes (``SMARTHOME_CV_CLASSES``); the dataset class renumbers them.

    Args:
        root: Folder of the JSON files, ``Action_pXX_rXX_vXX_cXX_*.json``.
        dims: 2 or 3.
        max_persons: Persons kept, those whose coordinates deviate most.
        layout: Layout of the store.

    Raises:
        FileNotFoundError: If there is no JSON file.
    """
    jobs = []
    for path in find_json_files(root):
        try:
            clip_id, action, subject, camera = smarthome_fields(path.name)
        except ForeignNameError as error:
            jobs.append(bad_job(path, error))
            continue
        jobs.append(Job(clip_id, (str(path), action), smarthome_splits(action, subject, camera)))
    return Conversion(
        name='Smarthome',
        folder=f'smarthome/{dims}d',
        layout=get_layout(layout),
        classes=SMARTHOME_CLASSES,
        num_channels=dims,
        jobs=jobs,
        read=partial(read_smarthome_clip, dims=dims, max_persons=max_persons, layout=layout),
        splits=SMARTHOME_SPLITS,
        attributes=dict(source='Toyota Smarthome'),
    )


def read_smarthome_clip(
    source: tuple[str, str], dims: int, max_persons: int, layout: str | SkeletonLayout
) -> Clip:
    """One clip from (file, class name).

    Raises:
        BadClipError: If the file is bad, contains no person, or the class is unknown.
    """
    path, action = source
    if action not in SMARTHOME_CLASSES:
        raise BadClipError(f"{path}: unknown action '{action}', expected one of {SMARTHOME_CLASSES}")
    keypoint, score = read_lcrnet_clip(path, dims, max_persons, layout=layout, select='motion')
    return Clip(keypoint, score, SMARTHOME_CLASSES.index(action), IMG_SHAPE)


def _build(args: argparse.Namespace) -> Conversion:
    return smarthome(args.src, int(args.dims[0]), args.max_persons, args.layout)


CONVERTER = Converter(
    title='Toyota Smarthome: CS, CV1, CV2',
    description="""Convert Toyota Smarthome's poses (LCRNet++, SSTA-PRS) into a skeleton store: CS, CV1, CV2.

    mmactrep convert smarthome --src smarthome_skeletons --out data/smarthome/2d --workers 4

--src is the folder of the JSON files, Action_pXX_rXX_vXX_cXX_*.json.""",
    build=_build,
    add_arguments=add_pose_arguments,
)
