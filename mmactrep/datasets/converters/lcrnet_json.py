"""The JSON in which Posetics, Smarthome and Penn Action poses of LCRNet++ and SSTA-PRS are released.

``{"frames": [[{"pose2d": [26 numbers], "pose3d": [39 numbers]}, ... persons], ... frames]}``, with 13
joints per pose: first all x, then all y, then all z.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mmactrep.files import read_json, shown
from mmactrep.store.format import BadClipError
from mmactrep.structures import SkeletonLayout, get_layout

from .conversion import MAX_FRAMES, MAX_PERSONS, clip_file, real_numbers
from .persons import most_active_persons

#: Scores of the 13 joints, in files of ``tools/build_dataset.py --posetics-json``.
SCORE_KEY = 'joint_scores'
_POSE_KEYS = {2: 'pose2d', 3: 'pose3d'}
_NUMBERS = frozenset((int, float))  # not booleans


def find_json_files(root: str | Path) -> list[Path]:
    """All ``.json`` files of a folder, sorted by name.

    Raises:
        FileNotFoundError: If the folder is absent or has none.
    """
    root = Path(root)
    files = sorted(root.glob('*.json')) if root.is_dir() else []
    if not files:
        raise FileNotFoundError(f'{root}: no .json files; expected a folder with one file per clip')
    return files


def load_frames(path: str | Path) -> list[list[dict]]:
    """The persons in every frame of a file.

    Raises:
        BadClipError: If the file is truncated, foreign, has no frames, or more frames or persons than a clip
            may have.
    """
    with clip_file():
        content = read_json(path)
    frames = content.get('frames') if isinstance(content, dict) else None
    if not isinstance(frames, list) or not all(isinstance(frame, list) for frame in frames):
        raise BadClipError(f'{path}: expected {{"frames": [[person, ...], ...]}}')
    if not frames:
        raise BadClipError(f'{path}: has no frames')
    most = max(map(len, frames))
    if len(frames) > MAX_FRAMES or most > MAX_PERSONS:
        raise BadClipError(
            f'{path}: expected at most {MAX_FRAMES} frames with {MAX_PERSONS} persons, found {len(frames)} '
            f'with up to {most}'
        )
    return frames


def frames_to_array(
    frames: list[list[dict]], dims: int, max_persons: int | None = None, path: str | Path = ''
) -> np.ndarray:
    """Poses as an array; person m of every frame goes to slot m, as in the official feeders.

    Args:
        frames: Persons in every frame.
        dims: 2 reads ``pose2d``, 3 reads ``pose3d``.
        max_persons: Maximum number of slots. Default: the largest number of persons in a frame.
        path: File, for messages.

    Returns:
        (M, T, 13, dims) float32; zeros where a frame has fewer than M persons. M is at least 1.

    Raises:
        BadClipError: If a person lacks the pose, or it is not a list of the expected number of numbers.
    """
    key, joints = _POSE_KEYS[dims], get_layout('lcrnet13').num_joints
    persons = max(1, max(map(len, frames)))
    persons = persons if max_persons is None else min(persons, max_persons)
    out = np.zeros((persons, len(frames), joints, dims), np.float32)
    for t, frame in enumerate(frames):
        for m, person in enumerate(frame[:persons]):
            pose = person.get(key) if isinstance(person, dict) else None
            where = f'{path}: frame {t}, person {m}'
            if not isinstance(pose, list) or len(pose) != dims * joints:
                found = f'{len(pose)} numbers' if isinstance(pose, list) else 'none'
                raise BadClipError(f"{where}: expected '{key}' of {dims * joints} numbers, found {found}")
            if not _NUMBERS.issuperset(map(type, pose)):
                foreign = next(value for value in pose if type(value) not in _NUMBERS)
                raise BadClipError(f"{where}: '{key}' contains {shown(foreign)}, which is not a number")
            out[m, t] = real_numbers(np.array(pose, np.float64), f"{where}: '{key}'").reshape(dims, joints).T
    return real_numbers(out, f"{path}: '{key}' at (person, frame, joint, axis)", finite=True)


def read_lcrnet_clip(
    path: str | Path,
    dims: int = 2,
    max_persons: int = 2,
    max_frames: int | None = None,
    layout: str | SkeletonLayout = 'posetics17',
    select: str = 'first',
) -> tuple[np.ndarray, np.ndarray]:
    """One file as coordinates and scores.

    Args:
        path: JSON file.
        dims: 2 or 3.
        max_persons: Persons kept.
        max_frames: Number of frames kept, from the first. Default: all.
        layout: Layout to map the 13 joints to.
        select: ``'first'`` keeps the first persons of every frame; ``'motion'`` those with the largest
            coordinate deviation.

    Returns:
        Coordinates (M, T, V, dims) and scores (M, T, V): those of the file if it has any, else 1 where a
        joint is present and 0 elsewhere.

    Raises:
        BadClipError: If the file is bad, or has no person in any frame.
    """
    frames = load_frames(path)[:max_frames]
    keypoint = frames_to_array(frames, dims, max_persons if select == 'first' else None, path)
    if not keypoint.any():
        raise BadClipError(f'{path}: no person in any of the {len(frames)} frames')
    if select == 'motion':
        keypoint = keypoint[most_active_persons(keypoint, max_persons)]
    mapping = get_layout('lcrnet13').mapping_to(get_layout(layout))
    if select == 'motion' or not any(SCORE_KEY in person for frame in frames for person in frame):
        return mapping(keypoint)
    return mapping(keypoint, _scores(frames, len(keypoint), path))


def _scores(frames: list[list[dict]], persons: int, path: str | Path) -> np.ndarray:
    """(M, T, 13) scores of the joints, 0 where a person has none."""
    joints = get_layout('lcrnet13').num_joints
    scores = np.zeros((persons, len(frames), joints), np.float32)
    for t, frame in enumerate(frames):
        for m, person in enumerate(frame[:persons]):
            values = person.get(SCORE_KEY)
            whole = (
                isinstance(values, list) and len(values) == joints and _NUMBERS.issuperset(map(type, values))
            )
            if not whole or min(values) < 0:
                raise BadClipError(
                    f"{path}: frame {t}, person {m}: expected '{SCORE_KEY}' of {joints} numbers from 0 on, "
                    f'found {shown(values)}'
                )
            scores[m, t] = values
    return scores
