"""Reading files of poses that other tools wrote; the formats themselves are in ``pose_formats``."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np

from mmactrep.store.format import BadClipError
from mmactrep.structures import SkeletonLayout, get_layout

from .pose_formats import (
    PoseFile,
    describe,
    frame_number,
    parse_arrays,
    parse_detections,
    parse_lcrnet,
    parse_openpose,
)


def read_pose_file(path: str | Path, layout: str | SkeletonLayout | None = None) -> PoseFile:
    """Read a file or folder of poses; the format is told from the content.

    Args:
        path: A folder of OpenPose's ``*_keypoints.json``; a JSON file of AlphaPose, LCRNet++ or COCO results;
            an NPZ or NPY file.
        layout: Layout of the joints. Default: the format's own, or the only one with that many joints.

    Raises:
        FileNotFoundError: If there is no such file.
        BadClipError: If it is truncated or foreign, or its joints fit no layout, several, or not the one
            given. The message names the file, what was expected and what was found.
    """
    path = Path(path)
    layout = None if layout is None else get_layout(layout)
    if path.is_dir():
        return parse_openpose(_read_openpose_folder(path), layout, path)
    if not path.exists():
        raise FileNotFoundError(f'{path}: no such file or folder of poses')
    with open(path, 'rb') as file:
        start = file.read(6)
    if start.startswith((b'PK', b'\x93NUMPY')):
        return parse_arrays(_read_arrays(path), layout, path)
    content = _read_json(path)
    if isinstance(content, list):
        return parse_detections(content, layout, path)
    if isinstance(content, dict) and 'frames' in content:
        return parse_lcrnet(content, layout, path)
    if isinstance(content, dict) and 'people' in content:
        raise BadClipError(f"{path}: one frame of OpenPose; give the folder with a video's *_keypoints.json")
    raise BadClipError(
        f'{path}: expected a list of detections (AlphaPose, COCO results) or {{"frames": [[...], ...]}} '
        f'(LCRNet++), found {describe(content)}'
    )


def _read_openpose_folder(path: Path) -> dict[int, dict]:
    contents = {}
    for file in sorted(path.glob('*_keypoints.json')):
        frame = frame_number(file.name.removesuffix('_keypoints.json'), str(file))
        if frame in contents:
            raise BadClipError(f'{file}: a second file of frame {frame}; expected the files of one video')
        contents[frame] = _read_json(file)
    if not contents:
        raise BadClipError(f"{path}: a folder without OpenPose's *_keypoints.json")
    return contents


def _read_json(path: Path) -> object:
    try:
        return json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise BadClipError(f'{path}: truncated or foreign JSON: {error}') from error


def _read_arrays(path: Path) -> dict[str, np.ndarray]:
    try:
        loaded = np.load(path, allow_pickle=False)
        if isinstance(loaded, np.ndarray):
            return dict(keypoint=loaded)
        with loaded:
            return {name: loaded[name] for name in loaded.files}
    except (ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise BadClipError(f'{path}: truncated or foreign NPZ: {error}') from error
