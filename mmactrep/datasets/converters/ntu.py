"""NTU RGB+D 60 and 120: Kinect v2 ``.skeleton`` files."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import partial
from pathlib import Path

import numpy as np

from mmactrep.structures import get_layout

from .conversion import Clip, Conversion, Job
from .kinect_text import read_bodies
from .ntu_classes import NTU120_CLASSES
from .persons import drop_noise, most_active_persons
from .protocols import ntu_fields, ntu_splits

# Columns of a joint's line: position in metres, or the pixel of the colour video.
_COLUMNS = {3: (0, 1, 2), 2: (5, 6)}
_IMG_SHAPES = {3: (0, 0), 2: (1080, 1920)}
_FPS = 30.0


def read_missing_list(path: str | Path) -> set[str]:
    """Names in a list of missing skeletons; whatever else the list says is passed over.

    Raises:
        ValueError: If there is no name in it.
    """
    names = set(re.findall(r'S\d{3}C\d{3}P\d{3}R\d{3}A\d{3}', Path(path).read_text(encoding='utf-8')))
    if not names:
        raise ValueError(f'{path}: no names like S001C002P005R002A008 in it')
    return names


def ntu(
    roots: Iterable[str | Path] | str | Path,
    num_classes: int = 60,
    missing: Iterable[str | Path] = (),
    dims: int = 3,
    max_persons: int = 2,
    layout: str = 'ntu25',
) -> Conversion:
    """The conversion of NTU RGB+D 60 (splits ``xsub_*``, ``xview_*``) or 120 (``xsub_*``, ``xset_*``).

    Args:
        roots: Folder or folders of ``.skeleton`` files; NTU-120 comes in two.
        num_classes: 60 or 120. For 60, files of the classes after it are passed over.
        missing: Lists of clips with missing skeletons, which are left out.
        dims: 3 for metres, 2 for pixels of the colour video.
        max_persons: Persons kept.
        layout: Layout of the store.

    Raises:
        FileNotFoundError: If there is no file.
        ValueError: If a name or a list is foreign.
    """
    if num_classes not in (60, 120):
        raise ValueError(f'num_classes must be 60 or 120, got {num_classes}')
    roots = [roots] if isinstance(roots, (str, Path)) else list(roots)
    files = sorted((path for root in roots for path in Path(root).glob('*.skeleton')), key=lambda p: p.name)
    if not files:
        raise FileNotFoundError(f'{", ".join(map(str, roots))}: no .skeleton files')
    names: set[str] = set().union(*map(read_missing_list, missing))
    jobs, left_out, later = [], 0, 0
    for path in files:
        fields = ntu_fields(path.name)
        if fields['action'] > num_classes:
            later += 1
        elif path.stem in names:
            left_out += 1
        else:
            jobs.append(Job(path.stem, (str(path), fields['action'] - 1), ntu_splits(fields, num_classes)))
    notes = [f'{left_out} clips with missing skeletons left out'] if left_out else []
    notes += [f'{later} clips of actions above {num_classes} left out'] if later else []
    protocols = ('xsub', 'xview' if num_classes == 60 else 'xset')
    return Conversion(
        name=f'NTU RGB+D {num_classes}',
        folder=f'ntu{num_classes}/{dims}d',
        layout=get_layout(layout),
        classes=NTU120_CLASSES[:num_classes],
        num_channels=dims,
        jobs=jobs,
        read=partial(read_ntu_clip, dims=dims, max_persons=max_persons, layout=layout),
        splits=tuple(f'{protocol}_{part}' for protocol in protocols for part in ('train', 'val')),
        with_score=False,
        attributes=dict(source=f'NTU RGB+D {num_classes}', unit='metres' if dims == 3 else 'pixels'),
        notes=notes,
    )


def read_ntu_clip(source: tuple[str, int], dims: int, max_persons: int, layout: str) -> Clip:
    """One clip from (file, label).

    Raises:
        BadClipError: If the file is truncated or foreign, or shows no body.
    """
    path, label = source
    kinect = get_layout('ntu25')
    keypoint = read_bodies(path, kinect.num_joints, _COLUMNS[dims])
    if dims == 2:
        # the Kinect's projection fails outside the colour image
        keypoint = np.where(np.isfinite(keypoint).all(-1, keepdims=True), keypoint, np.float32(0))
    keypoint = drop_noise(keypoint, vertical=1)
    keypoint = keypoint[most_active_persons(keypoint, max_persons)]
    keypoint, score = kinect.mapping_to(get_layout(layout))(keypoint)
    return Clip(keypoint, score, label, _IMG_SHAPES[dims], _FPS)
