"""Penn Action: the released ``.mat`` joint labels, and poses estimated by SSTA-PRS."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path

import numpy as np

from mmactrep.arguments import describe
from mmactrep.files import shown
from mmactrep.store.format import BadClipError
from mmactrep.structures import SkeletonLayout, get_layout

from .conversion import MAX_FRAMES, Clip, Conversion, ConversionError, Job, bad_job, clip_file, real_numbers
from .converter import Converter, add_pose_arguments
from .lcrnet_json import find_json_files, read_lcrnet_clip
from .matlab import read_matlab
from .protocols import PENN_ACTION_CLASSES

#: Score of a joint that is labelled as hidden, but which the annotators placed anyway.
OCCLUDED_SCORE = 0.5

# The annotators' tool left joints that were never placed at pixel (1, 1) of the original video. The
# release rescaled the labels with the videos, so the mark lies on the diagonal at 0 to 1.53 pixels.
_ABSENT_LIMIT = 2.0

_KEYS = ('action', 'x', 'y', 'visibility', 'dimensions', 'train')


def load_label_file(path: str | Path, keys: tuple[str, ...] = _KEYS) -> dict[str, np.ndarray | str]:
    """Variables of a Penn Action label file.

    Args:
        path: A ``NNNN.mat`` of the release's folder ``labels``.
        keys: Variables to read.

    Raises:
        BadClipError: If it is not a MATLAB file, lacks a variable, or has one of another type.
    """
    with clip_file():
        content = read_matlab(path, keys)
    lacking = [key for key in keys if key not in content or not len(content[key])]
    if lacking:
        raise BadClipError(f'{path}: expected the variables {list(keys)}, found no {lacking}')
    for key in keys:
        if isinstance(content[key], str) is not (key == 'action'):
            raise BadClipError(f"{path}: expected '{key}' to be {'text' if key == 'action' else 'numbers'}")
    return content


def read_penn_action_labels(path: str | Path, layout: str | SkeletonLayout = 'posetics17') -> Clip:
    """One clip from its label file.

    Scores distinguish the three kinds of joint in the release. A visible joint has score 1. A joint that is
    hidden but placed by the annotators (13 % of all; its bones are as long as those of visible joints) has
    :data:`OCCLUDED_SCORE`. A joint that was never placed (9 %; ``visibility`` 0 and the tool's mark in the
    corner of the image) is missing: score and coordinates are 0.

    Args:
        path: A ``NNNN.mat`` file.
        layout: Layout to map the 13 labelled joints to.

    Returns:
        The clip, (1, T, V, 2) in pixels of the released frames.

    Raises:
        BadClipError: If arrays and ``dimensions`` disagree, or the class is unknown.
    """
    content = load_label_file(path)
    source = get_layout('penn13')
    # Some files contain integers, and 16-bit ones would wrap around below 0.
    x, y, visibility = (
        real_numbers(content[key], f"{path}: '{key}'", finite=True) for key in ('x', 'y', 'visibility')
    )
    height, width, frames = _dimensions(content, path)
    for key, array in (('x', x), ('y', y), ('visibility', visibility)):
        if array.shape != (frames, source.num_joints):
            raise BadClipError(
                f"{path}: expected '{key}' of shape {(frames, source.num_joints)}, found {array.shape}"
            )
    absent = (visibility == 0) & (np.abs(x - y) < 1e-3) & (x < _ABSENT_LIMIT)
    score = np.where(visibility > 0, 1.0, OCCLUDED_SCORE).astype(np.float32)
    score[absent] = 0
    keypoint = np.stack([x, y], axis=-1)
    keypoint[absent] = 0
    keypoint, score = source.mapping_to(get_layout(layout))(keypoint[None], score[None])
    return Clip(keypoint, score, _label(content, path), (height, width))


def penn_action_labels(root: str | Path, layout: str | SkeletonLayout = 'posetics17') -> Conversion:
    """The conversion of all clips from the ``.mat`` labels.

    Args:
        root: The release's folder ``labels``.
        layout: Layout of the store.
    """
    files = _label_files(root)
    return Conversion(
        name='Penn Action',
        folder='penn_action/2d',
        layout=get_layout(layout),
        classes=PENN_ACTION_CLASSES,
        num_channels=2,
        jobs=[_job(path.stem, str(path), path) for path in files],
        read=partial(read_penn_action_labels, layout=layout),
        splits=('train', 'test'),
        attributes=dict(source='Penn Action', pose='annotated joint labels', occluded_score=OCCLUDED_SCORE),
    )


def penn_action_json(
    root: str | Path,
    labels: str | Path,
    dims: int = 2,
    max_persons: int = 1,
    layout: str | SkeletonLayout = 'posetics17',
) -> Conversion:
    """The conversion of poses estimated by SSTA-PRS (LCRNet13 JSON, one file per clip).

    Args:
        root: Folder of the JSON files; a name begins with the clip's four digits.
        labels: The release's folder ``labels``, for class, split, frame size and number of frames.
        dims: 2 or 3.
        max_persons: Number of persons kept, those that move most.
        layout: Layout of the store.
    """
    label_files = {path.stem: path for path in _label_files(labels)}
    jobs = []
    for path in find_json_files(root):
        clip_id = path.name[:4]
        if clip_id in label_files:
            label_file = label_files[clip_id]
            jobs.append(_job(clip_id, (str(path), str(label_file)), label_file))
        else:
            jobs.append(
                bad_job(
                    path, f"expected a name that begins with a clip's four digits (0001.json), of {labels}"
                )
            )
    return Conversion(
        name='Penn Action (SSTA-PRS)',
        folder=f'penn_action_ssta/{dims}d',
        layout=get_layout(layout),
        classes=PENN_ACTION_CLASSES,
        num_channels=dims,
        jobs=jobs,
        read=partial(_read_json, dims=dims, max_persons=max_persons, layout=layout),
        splits=('train', 'test'),
        attributes=dict(source='Penn Action', pose='SSTA-PRS'),
    )


def _read_json(source: tuple[str, str], dims: int, max_persons: int, layout: str | SkeletonLayout) -> Clip:
    path, label_path = source
    content = load_label_file(label_path, ('action', 'dimensions'))
    height, width, frames = _dimensions(content, label_path)
    keypoint, score = read_lcrnet_clip(
        path, dims=dims, max_persons=max_persons, layout=layout, select='motion'
    )
    if keypoint.shape[1] != frames:
        raise BadClipError(f'{path}: expected {frames} frames as in {label_path}, found {keypoint.shape[1]}')
    return Clip(keypoint, score, _label(content, label_path), (height, width))


def _label_files(root: str | Path) -> list[Path]:
    files = sorted(Path(root).glob('*.mat'))
    if not files:
        raise FileNotFoundError(f"{root}: no .mat files; expected Penn Action's folder 'labels'")
    return files


def _job(clip_id: str, source: str | tuple[str, str], label_file: Path) -> Job:
    """The job of a clip, with the split given in its label file."""
    try:
        train = load_label_file(label_file, ('train',))['train'].ravel()[0]
    except (BadClipError, OSError) as error:
        return Job(clip_id, source, problem=describe(error))
    if train not in (1, -1):
        return Job(
            clip_id, source, problem=f"{label_file}: expected 'train' to be 1 or -1, found {shown(train)}"
        )
    return Job(clip_id, source, ('train' if train == 1 else 'test',))


def _dimensions(content: dict[str, np.ndarray | str], path: str | Path) -> tuple[int, int, int]:
    """Height, width and frames."""
    dimensions = real_numbers(content['dimensions'], f'{path}: dimensions').ravel()
    if len(dimensions) != 3 or not ((dimensions >= 1) & (dimensions <= MAX_FRAMES)).all():
        raise BadClipError(
            f'{path}: expected dimensions (height, width, frames), found {shown(dimensions.tolist())}'
        )
    height, width, frames = (int(value) for value in dimensions)
    return height, width, frames


def _label(content: dict[str, np.ndarray | str], path: str | Path) -> int:
    action = content['action']
    if action not in PENN_ACTION_CLASSES:
        raise BadClipError(f'{path}: unknown action {shown(action)}, expected one of {PENN_ACTION_CLASSES}')
    return PENN_ACTION_CLASSES.index(action)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('--labels', type=Path, help='folder of the .mat labels; --src then has JSON poses')
    add_pose_arguments(parser, max_persons=1)


def _build(args: argparse.Namespace) -> Conversion:
    if args.labels is None:
        if args.dims != '2d':
            raise ConversionError('the joint labels are 2D; --dims 3d needs poses and --labels')
        return penn_action_labels(args.src, args.layout)
    return penn_action_json(args.src, args.labels, int(args.dims[0]), args.max_persons, args.layout)


CONVERTER = Converter(
    title='Penn Action: joint labels, or estimated poses',
    description="""Convert Penn Action into a skeleton store with the official split.

From the release's joint labels (a visible joint has score 1, a hidden but labelled one 0.5, a joint that was
never labelled 0):

    mmactrep convert penn_action --src Penn_Action/labels --out data/penn_action/2d

From poses estimated by SSTA-PRS, one JSON per clip (0001.json, ...):

    mmactrep convert penn_action --src POSES --labels Penn_Action/labels --out
    data/penn_action/2d""",
    build=_build,
    add_arguments=_add_arguments,
)
