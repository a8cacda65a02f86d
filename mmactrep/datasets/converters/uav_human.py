"""UAV-Human: estimated 2D skeletons in NTU's text format."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path

from mmactrep.structures import SkeletonLayout, get_layout

from .conversion import Clip, Conversion, Job, bad_job, class_names
from .converter import Converter, add_pose_arguments, add_shape_argument
from .kinect_text import read_tracks
from .persons import choose_persons
from .protocols import UAV_HUMAN_SUBJECTS, ForeignNameError, uav_human_fields, uav_human_splits

NUM_CLASSES = 155

#: (height, width) of the videos.
IMG_SHAPE = (1080, 1920)


def uav_human(
    root: str | Path,
    dims: int = 2,
    max_persons: int = 2,
    layout: str | SkeletonLayout = 'posetics17',
    img_shape: tuple[int, int] = IMG_SHAPE,
) -> Conversion:
    """The conversion of UAV-Human, with the splits ``csv1_*`` and ``csv2_*``.

    Args:
        root: Folder of the text files, ``P000S00G10B10H10UC022000LC021000A000R0_*.txt``.
        dims: 2 reads the first two columns of a joint (pixels), 3 the first three.
        max_persons: Persons kept, those whose coordinates deviate most.
        layout: Layout of the store. The files' 17 joints are in COCO's order.
        img_shape: (height, width) of the videos.

    Raises:
        FileNotFoundError: If there is no text file.
    """
    root = Path(root)
    files = sorted([*root.glob('*.txt'), *root.glob('*.skeleton')], key=lambda path: path.name)
    if not files:
        raise FileNotFoundError(f'{root}: no .txt or .skeleton files')
    jobs = []
    for path in files:
        try:
            clip_id, subject, action = uav_human_fields(path.name)
        except ForeignNameError as error:
            jobs.append(bad_job(path, error))
            continue
        jobs.append(Job(clip_id, (str(path), action), uav_human_splits(subject)))
    return Conversion(
        name='UAV-Human',
        folder=f'uav_human/{dims}d',
        layout=get_layout(layout),
        classes=class_names(NUM_CLASSES),
        num_channels=dims,
        jobs=jobs,
        read=partial(
            read_uav_human_clip, dims=dims, max_persons=max_persons, layout=layout, img_shape=img_shape
        ),
        splits=tuple(f'{protocol}_{part}' for protocol in UAV_HUMAN_SUBJECTS for part in ('train', 'test')),
        with_score=False,
        attributes=dict(source='UAV-Human'),
    )


def read_uav_human_clip(
    source: tuple[str, int],
    dims: int,
    max_persons: int,
    layout: str | SkeletonLayout,
    img_shape: tuple[int, int],
) -> Clip:
    """One clip from (file, label).

    Raises:
        BadClipError: If the file is truncated or foreign, or shows no body.
    """
    path, label = source
    coco = get_layout('coco17')
    tracks, frames = read_tracks(path, coco.num_joints, tuple(range(dims)), joint_values=None)
    # the noise rules are for Kinect's bodies; these poses come from an estimator
    keypoint = choose_persons(tracks, frames, max_persons, denoise=False)
    keypoint, score = coco.mapping_to(get_layout(layout))(keypoint)
    return Clip(keypoint, score, label, img_shape)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_pose_arguments(parser)
    add_shape_argument(parser, IMG_SHAPE)


def _build(args: argparse.Namespace) -> Conversion:
    return uav_human(args.src, int(args.dims[0]), args.max_persons, args.layout, tuple(args.img_shape))


CONVERTER = Converter(
    title='UAV-Human: CSv1, CSv2',
    description="""Convert UAV-Human's text skeletons into a skeleton store with the splits of CSv1 and CSv2.

    mmactrep convert uav_human --src UAVHuman/Skeleton --out data/uav_human/2d --workers 4""",
    build=_build,
    add_arguments=_add_arguments,
)
