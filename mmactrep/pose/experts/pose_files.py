"""Reading files of poses that other tools wrote; the formats are in separate modules."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from mmactrep.files import BadFileError, read_array, read_arrays, read_json, reading
from mmactrep.store.layout_source import find_layout
from mmactrep.structures import SkeletonLayout

from .array_poses import parse_arrays
from .detection_formats import parse_annotations, parse_detections, parse_mmpose
from .picture_names import number_pictures
from .pose_formats import PoseFile, parse_lcrnet, parse_openpose, summarize

#: Placeholders in a path for the name of each video.
PLACEHOLDERS = ('{stem}', '{name}')
_OPENPOSE_SUFFIX = '_keypoints.json'


def path_of_video(path: str | Path, video: str | Path) -> str:
    """A path, with a video's name for its placeholders."""
    name = Path(video)
    return str(path).replace('{stem}', name.stem).replace('{name}', name.name)


def read_poses(path: str | os.PathLike, layout: str | SkeletonLayout | None = None) -> PoseFile:
    """Read a file or folder of poses; the format is recognized by the content.

    Args:
        path: A folder of OpenPose's ``*_keypoints.json``; a JSON file of AlphaPose, LCRNet++, mmpose's
            inferencer, COCO results or COCO annotations; an NPZ or NPY file.
        layout: Layout of the joints, by name, file or store. Default: the format's own, or the only one with
            that many joints.

    Raises:
        FileNotFoundError: If there is no such file.
        BadFileError: If it is truncated or foreign, holds the poses of several videos or something other than
            2D poses, or its joints fit no layout, several, or not the given one. The message names the file,
            what was expected and what was found.
    """
    path = Path(path)
    layout = None if layout is None else find_layout(layout)
    if not path.exists():
        raise FileNotFoundError(f'{path}: no such file or folder of poses')
    if path.is_dir():
        contents = _read_openpose_folder(path)
        with reading(path, "OpenPose's poses"):
            return parse_openpose(contents, layout, path)
    start = _first_bytes(path)
    if start.startswith(b'PK'):
        return parse_arrays(read_arrays(path), layout, path)
    if start.startswith(b'\x93NUMPY'):
        return parse_arrays(dict(array=read_array(path)), layout, path)
    content = read_json(path)
    with reading(path, 'poses in JSON'):
        return _parser_of(content, path)(content, layout, path)


_MMPOSE_KEYS = {'instances', 'keypoint_scores'}
_BY_KEY = dict(frames=parse_lcrnet, annotations=parse_annotations, instance_info=parse_mmpose)


def _parser_of(content: object, path: Path) -> Callable[..., PoseFile]:
    """The parser of a JSON file's format."""
    if isinstance(content, list):
        of_mmpose = content and isinstance(content[0], dict) and _MMPOSE_KEYS & content[0].keys()
        return parse_mmpose if of_mmpose else parse_detections
    for key, parse in _BY_KEY.items():
        if isinstance(content, dict) and key in content:
            return parse
    if isinstance(content, dict) and 'people' in content:
        raise BadFileError(f"{path}: one frame of OpenPose; give the folder with a video's *_keypoints.json")
    raise BadFileError(
        f'{path}: expected a list of detections (AlphaPose, COCO results, mmpose), COCO annotations or '
        f'{{"frames": [[...], ...]}} (LCRNet++), found {summarize(content)}'
    )


def _first_bytes(path: Path) -> bytes:
    if not path.is_file():
        raise BadFileError(f'{path}: expected a file or folder of poses')
    with open(path, 'rb') as file:
        return file.read(6)


def _read_openpose_folder(path: Path) -> dict[int, dict]:
    files = sorted(path.glob(f'*{_OPENPOSE_SUFFIX}'))
    if not files:
        raise BadFileError(f"{path}: a folder without OpenPose's *{_OPENPOSE_SUFFIX}")
    names = [file.name.removesuffix(_OPENPOSE_SUFFIX) for file in files]
    return {frame: read_json(file) for frame, file in zip(number_pictures(names, path, 'file name'), files)}
