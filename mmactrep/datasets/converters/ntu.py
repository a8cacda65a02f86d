"""NTU RGB+D 60 and 120: Kinect v2 ``.skeleton`` files."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable
from functools import partial
from pathlib import Path

import numpy as np

from mmactrep.files import read_text
from mmactrep.structures import SkeletonLayout, get_layout

from .conversion import Clip, Conversion, ConversionError, Job, bad_job
from .converter import Converter, add_pose_arguments
from .kinect_text import read_tracks
from .persons import BodyTrack, choose_persons
from .protocols import NTU120_CLASSES, ForeignNameError, ntu_fields, ntu_splits

# Columns of a joint's line: position in meters, or the pixel of the color video.
_COLUMNS = {3: (0, 1, 2), 2: (5, 6)}
_IMG_SHAPES = {3: (0, 0), 2: (1080, 1920)}
_FPS = 30.0


def read_missing_list(path: str | Path) -> set[str]:
    """Names in a list of missing skeletons; any other text in the list is ignored.

    Raises:
        ConversionError: If there is no name in it.
    """
    names = set(re.findall(r'S\d{3}C\d{3}P\d{3}R\d{3}A\d{3}', read_text(path)))
    if not names:
        raise ConversionError(f'{path}: no names like S001C002P005R002A008 in it')
    return names


def ntu(
    roots: Iterable[str | Path] | str | Path,
    num_classes: int = 60,
    missing: Iterable[str | Path] = (),
    dims: int = 3,
    max_persons: int = 2,
    layout: str | SkeletonLayout = 'ntu25',
    keep_noise: bool = False,
) -> Conversion:
    """The conversion of NTU RGB+D 60 (splits ``xsub_*``, ``xview_*``) or 120 (``xsub_*``, ``xset_*``).

    Args:
        roots: Folder or folders of ``.skeleton`` files; NTU-120 comes in two.
        num_classes: 60 or 120. For 60, files of later classes are skipped.
        missing: Lists of clips with missing skeletons, which are skipped.
        dims: 3 for meters, 2 for pixels of the color video.
        max_persons: Persons kept, the most active.
        layout: Layout of the store.
        keep_noise: Keep bodies that are too short or too broad for a person, as UNIK's release does; the data
            sets' authors and later code drop them.

    Raises:
        FileNotFoundError: If there is no file.
        UserError: If a list is foreign.
    """
    if num_classes not in (60, 120):
        raise ConversionError(f'num_classes must be 60 or 120, got {num_classes}')
    roots = [roots] if isinstance(roots, (str, Path)) else list(roots)
    files = sorted((path for root in roots for path in Path(root).glob('*.skeleton')), key=lambda p: p.name)
    if not files:
        raise FileNotFoundError(f'{", ".join(map(str, roots))}: no .skeleton files')
    names: set[str] = set().union(*map(read_missing_list, missing))
    jobs, left_out, later = [], 0, 0
    for path in files:
        try:
            fields = ntu_fields(path.name)
        except ForeignNameError as error:
            jobs.append(bad_job(path, error))
            continue
        if fields['action'] > num_classes:
            later += 1
        elif path.stem in names:
            left_out += 1
        else:
            jobs.append(Job(path.stem, (str(path), fields['action'] - 1), ntu_splits(fields, num_classes)))
    notes = [f'{left_out} clips with missing skeletons skipped'] if left_out else []
    notes += [f'{later} clips of actions above {num_classes} skipped'] if later else []
    protocols = ('xsub', 'xview' if num_classes == 60 else 'xset')
    return Conversion(
        name=f'NTU RGB+D {num_classes}',
        folder=f'ntu{num_classes}/{dims}d',
        layout=get_layout(layout),
        classes=NTU120_CLASSES[:num_classes],
        num_channels=dims,
        jobs=jobs,
        read=partial(read_ntu_clip, dims=dims, max_persons=max_persons, layout=layout, keep_noise=keep_noise),
        splits=tuple(f'{protocol}_{part}' for protocol in protocols for part in ('train', 'val')),
        with_score=False,
        attributes=dict(source=f'NTU RGB+D {num_classes}', unit='meters' if dims == 3 else 'pixels'),
        notes=notes,
    )


def read_ntu_clip(
    source: tuple[str, int],
    dims: int,
    max_persons: int,
    layout: str | SkeletonLayout,
    keep_noise: bool = False,
) -> Clip:
    """One clip from (file, label).

    Raises:
        BadClipError: If the file is truncated or foreign, or shows no body.
    """
    path, label = source
    kinect = get_layout('ntu25')
    tracks, frames = read_tracks(path, kinect.num_joints, _COLUMNS[dims], finite=dims == 3)
    if dims == 2:
        tracks = [_inside(track) for track in tracks]
    keypoint = choose_persons(tracks, frames, max_persons, denoise=not keep_noise)
    keypoint, score = kinect.mapping_to(get_layout(layout))(keypoint)
    return Clip(keypoint, score, label, _IMG_SHAPES[dims], _FPS)


def _inside(track: BodyTrack) -> BodyTrack:
    # the Kinect's projection fails outside the color image
    finite = np.isfinite(track.joints).all(-1, keepdims=True)
    return BodyTrack(track.frames, np.where(finite, track.joints, np.float32(0)))


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_pose_arguments(parser, dims='3d', layout='ntu25')
    parser.add_argument(
        '--num-classes', choices=('60', '120'), default='60', help='which of the two (%(default)s)'
    )
    parser.add_argument(
        '--missing', nargs='+', type=Path, default=[], help='lists of clips with missing skeletons'
    )
    parser.add_argument(
        '--keep-noise', action='store_true', help='keep bodies too short or too broad for a person'
    )


def _build(args: argparse.Namespace) -> Conversion:
    return ntu(
        args.src,
        int(args.num_classes),
        args.missing,
        int(args.dims[0]),
        args.max_persons,
        args.layout,
        args.keep_noise,
    )


CONVERTER = Converter(
    title='NTU RGB+D 60 and 120',
    description="""Convert the .skeleton files of NTU RGB+D 60 or 120 into a skeleton store.

    mmactrep convert ntu --src nturgb+d_skeletons --missing missing_60.txt --out data/ntu60/3d
    mmactrep convert ntu --num-classes 120 --src nturgb+d_skeletons \\
        nturgb+d_skeletons_s018_to_s032 --missing missing_120.txt --out data/ntu120/3d

--missing takes the published lists of clips whose skeletons are missing or incomplete. A body whose id
changes is joined again; bodies that are too short or too broad for a person are dropped.""",
    build=_build,
    add_arguments=_add_arguments,
    many_sources=True,
)
