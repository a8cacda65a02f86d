"""UAV-Human: estimated 2D skeletons in NTU's text format."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from mmactrep.structures import get_layout

from .conversion import Clip, Conversion, Job, class_names
from .kinect_text import read_bodies
from .persons import most_active_persons
from .protocols import UAV_HUMAN_SUBJECTS, uav_human_fields, uav_human_splits

NUM_CLASSES = 155

#: (height, width) of the videos.
IMG_SHAPE = (1080, 1920)


def uav_human(
    root: str | Path,
    dims: int = 2,
    max_persons: int = 2,
    layout: str = 'posetics17',
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
        ValueError: If a name is foreign.
    """
    root = Path(root)
    files = sorted([*root.glob('*.txt'), *root.glob('*.skeleton')], key=lambda path: path.name)
    if not files:
        raise FileNotFoundError(f'{root}: no .txt or .skeleton files')
    jobs = []
    for path in files:
        clip_id, subject, action = uav_human_fields(path.name)
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
    source: tuple[str, int], dims: int, max_persons: int, layout: str, img_shape: tuple[int, int]
) -> Clip:
    """One clip from (file, label).

    Raises:
        BadClipError: If the file is truncated or foreign, or shows no body.
    """
    path, label = source
    coco = get_layout('coco17')
    keypoint = read_bodies(path, coco.num_joints, tuple(range(dims)), joint_values=None)
    keypoint = keypoint[most_active_persons(keypoint, max_persons)]
    keypoint, score = coco.mapping_to(get_layout(layout))(keypoint)
    return Clip(keypoint, score, label, img_shape)
