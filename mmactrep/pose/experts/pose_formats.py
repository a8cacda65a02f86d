"""Poses as other tools write them: OpenPose, AlphaPose, LCRNet++, COCO results and arrays.

Pure functions from a file's content to the persons of each frame. A joint at (0, 0) or with score 0 is
missing, in all formats.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

import numpy as np

from mmactrep.store.format import BadClipError
from mmactrep.structures import SkeletonLayout, get_layout, list_layouts
from mmactrep.structures.poses import FramePoses

_COCO17 = get_layout('coco17')
HALPE26 = get_layout('halpe26')

# Layouts by joints a person, of OpenPose, and of AlphaPose and COCO results.
_OPENPOSE = {25: get_layout('body25'), 18: get_layout('openpose18')}
_DETECTIONS = {17: _COCO17, 26: HALPE26}
# Of whole bodies, COCO-WholeBody's and Halpe's, that many joints from the first are read.
_BODY_OF = {133: _COCO17.num_joints, 136: HALPE26.num_joints}
_ARRAY_KEYS = ('keypoint', 'keypoints', 'kpts', 'poses', 'pose')
_SCORE_KEYS = ('keypoint_score', 'keypoint_scores', 'scores', 'score')
_MAX_FRAME = 10**8


@dataclass(frozen=True, eq=False)
class PoseFile:
    """The poses of a file.

    Args:
        layout: Layout of the joints.
        frames: Persons by frame number; frames without anybody may be absent.
    """

    layout: SkeletonLayout
    frames: Mapping[int, FramePoses]


def parse_openpose(
    contents: Mapping[int, dict], layout: SkeletonLayout | None = None, path: str | Path = ''
) -> PoseFile:
    """OpenPose, BODY_25 or COCO 18: a frame is ``{"people": [{"pose_keypoints_2d": [x, y, score, ...]}]}``.

    Args:
        contents: Content of the JSON file of each frame.
        layout: Layout of the joints. Default: from their number.
        path: For messages.

    Raises:
        BadClipError: See :func:`read_pose_file`.
    """
    rows = []
    for frame, content in contents.items():
        people = content.get('people') if isinstance(content, dict) else None
        where = f'{path}: frame {frame}'
        if not isinstance(people, list):
            raise BadClipError(f'{where}: expected {{"people": [...]}}, found {describe(content)}')
        for person in people:
            key = 'pose_keypoints' if 'pose_keypoints' in person else 'pose_keypoints_2d'
            rows.append((frame, _triples(person, key, where)))
    layout = _layout_of(rows, layout, _OPENPOSE, path) if rows else layout or _OPENPOSE[25]
    return _collect(rows, layout, path)


def parse_detections(
    content: Sequence[dict], layout: SkeletonLayout | None = None, path: str | Path = ''
) -> PoseFile:
    """AlphaPose and COCO results: a list of ``{"image_id", "keypoints": [x, y, score, ...], "score"}``.

    The frame is ``image_id``, a number or the last number in a file name (``"frame_12.jpg"``). Joints are
    COCO's 17 or Halpe's 26; of whole bodies, 133 and 136, the first 17 and 26 are read. Persons of a frame
    are ordered by score, the best first.

    Args:
        content: Content of the JSON file.
        layout: Layout of the joints. Default: from their number.
        path: For messages.

    Raises:
        BadClipError: See :func:`read_pose_file`.
    """
    ranked = []
    for number, entry in enumerate(content):
        where = f'{path}: entry {number}'
        if not isinstance(entry, dict) or 'image_id' not in entry:
            raise BadClipError(f"{where}: expected 'image_id' and 'keypoints', found {describe(entry)}")
        score = entry.get('score', 0)
        if not isinstance(score, (int, float)):
            raise BadClipError(f"{where}: expected a number as 'score', found {describe(score)}")
        joints = _triples(entry, 'keypoints', where)
        joints = joints[: _BODY_OF.get(len(joints))]
        ranked.append((frame_number(entry['image_id'], where), -score, joints))
    rows = [(frame, joints) for frame, _, joints in sorted(ranked, key=lambda row: row[:2])]
    layout = _layout_of(rows, layout, _DETECTIONS, path) if rows else layout or _COCO17
    return _collect(rows, layout, path)


def parse_lcrnet(content: dict, layout: SkeletonLayout | None = None, path: str | Path = '') -> PoseFile:
    """LCRNet++: ``{"frames": [[{"pose2d": [13 x, then 13 y]}, ... persons], ... frames]}``.

    A joint that is there has score 1.

    Args:
        content: Content of the JSON file.
        layout: Layout of the joints. Default: ``lcrnet13``.
        path: For messages.

    Raises:
        BadClipError: See :func:`read_pose_file`.
    """
    frames = content.get('frames')
    if not isinstance(frames, list) or not all(isinstance(frame, list) for frame in frames):
        raise BadClipError(f'{path}: expected {{"frames": [[person, ...], ...]}}')
    layout, rows = layout or get_layout('lcrnet13'), []
    for number, frame in enumerate(frames):
        for person in frame:
            where = f'{path}: frame {number}'
            numbers = _numbers(person, 'pose2d', where)
            if len(numbers) != 2 * layout.num_joints:
                raise BadClipError(
                    f"{where}: expected 'pose2d' of {2 * layout.num_joints} numbers "
                    f"({layout.num_joints} joints of '{layout.name}', x before y), found {len(numbers)}"
                )
            rows.append((number, _with_score(numbers.reshape(2, -1).T)))
    return _collect(rows, layout, path)


def parse_arrays(
    arrays: Mapping[str, np.ndarray], layout: SkeletonLayout | None = None, path: str | Path = ''
) -> PoseFile:
    """NPZ: poses [T, V, 2 or 3] or [M, T, V, 2 or 3], x, y and perhaps a score; scores [T, V] or [M, T, V].

    Args:
        arrays: Arrays by name: poses under ``keypoint``, ``keypoints``, ``kpts``, ``poses`` or ``pose``, or
            as the only one; scores, if any, under ``keypoint_score``, ``scores`` or ``score``.
        layout: Layout of the joints. Default: the only built-in one with that many.
        path: For messages.

    Raises:
        BadClipError: See :func:`read_pose_file`.
    """
    scores = next((arrays[key] for key in _SCORE_KEYS if key in arrays), None)
    others = [name for name in arrays if name not in _SCORE_KEYS]
    key = next((key for key in _ARRAY_KEYS if key in arrays), others[0] if len(others) == 1 else None)
    if key is None:
        raise BadClipError(
            f'{path}: expected an array named {", ".join(_ARRAY_KEYS)}, found {", ".join(arrays)}'
        )
    poses = arrays[key]
    if not np.issubdtype(poses.dtype, np.number) or poses.ndim not in (3, 4) or poses.shape[-1] not in (2, 3):
        raise BadClipError(
            f'{path}: expected poses [T, V, 2 or 3] or [M, T, V, 2 or 3], '
            f"found '{key}' {poses.dtype} {poses.shape}"
        )
    poses = poses[None] if poses.ndim == 3 else poses
    if scores is not None:
        scores = scores[None] if scores.ndim == 2 else scores
        if scores.shape != poses.shape[:3]:
            raise BadClipError(f'{path}: expected scores {poses.shape[:3]}, found {scores.shape}')
        poses = np.concatenate([poses[..., :2], scores[..., None]], axis=-1)
    layout = _layout_with(poses.shape[2], path) if layout is None else layout
    rows = [
        (int(frame), _with_score(poses[person, frame]))
        for frame, person in zip(*np.nonzero(poses.any(axis=(2, 3)).T))
    ]
    return _collect(rows, layout, path)


def _collect(rows: Sequence[tuple[int, np.ndarray]], layout: SkeletonLayout, path: str | Path) -> PoseFile:
    """Persons (V or more, 3), in their order, by frame."""
    by_frame: dict[int, list[np.ndarray]] = defaultdict(list)
    for frame, joints in rows:
        if len(joints) != layout.num_joints:
            raise BadClipError(
                f"{path}: frame {frame}: layout '{layout.name}' has {layout.num_joints} joints, "
                f'found {len(joints)}'
            )
        if not np.isfinite(joints).all():
            raise BadClipError(f'{path}: frame {frame}: coordinates and scores must be finite')
        joints = joints.copy()
        # written so by all of these tools where they did not see a joint
        joints[~joints[:, :2].any(axis=-1), 2] = 0
        if (joints[:, 2] > 0).any():
            by_frame[frame].append(joints)
    frames = {}
    for frame, persons in by_frame.items():
        stacked = np.stack(persons)
        frames[frame] = FramePoses(stacked[..., :2], stacked[..., 2])
    return PoseFile(layout, frames)


def _layout_of(
    rows: Sequence[tuple[int, np.ndarray]],
    layout: SkeletonLayout | None,
    known: Mapping[int, SkeletonLayout],
    path: str | Path,
) -> SkeletonLayout:
    """The layout given, or the format's own with the joints of the first person."""
    count = len(rows[0][1])
    if layout is None and count not in known:
        raise BadClipError(f'{path}: expected {" or ".join(map(str, known))} joints a person, found {count}')
    return layout or known[count]


def _layout_with(joints: int, path: str | Path) -> SkeletonLayout:
    """The only built-in layout with so many joints."""
    fitting = [name for name in list_layouts() if get_layout(name).num_joints == joints]
    if len(fitting) != 1:
        what = f'{joints} joints fit {", ".join(fitting)}' if fitting else f'no layout has {joints} joints'
        raise BadClipError(f'{path}: {what}; name the layout')
    return get_layout(fitting[0])


def frame_number(image_id: object, where: str) -> int:
    number = image_id
    if isinstance(image_id, str):
        digits = re.findall(r'\d+', PurePath(image_id).stem)
        number = int(digits[-1]) if digits else None
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number < _MAX_FRAME:
        raise BadClipError(f"{where}: expected a frame number or file name as 'image_id', found {image_id!r}")
    return number


def _numbers(person: object, key: str, where: str) -> np.ndarray:
    values = person.get(key) if isinstance(person, dict) else None
    if not isinstance(values, list):
        raise BadClipError(f"{where}: expected a person with a list '{key}', found {describe(person)}")
    try:
        return np.array(values, np.float32).reshape(-1)
    except (TypeError, ValueError) as error:
        raise BadClipError(f"{where}: '{key}' holds what is no number ({error})") from error


def _triples(person: object, key: str, where: str) -> np.ndarray:
    numbers = _numbers(person, key, where)
    if not len(numbers) or len(numbers) % 3:
        raise BadClipError(
            f"{where}: expected '{key}' as x, y, score of each joint, found {len(numbers)} numbers"
        )
    return numbers.reshape(-1, 3)


def _with_score(joints: np.ndarray) -> np.ndarray:
    """(V, 3) from (V, 2 or 3); without a score a joint that is not at (0, 0) has 1."""
    joints = joints.astype(np.float32)
    if joints.shape[-1] == 3:
        return joints
    return np.concatenate([joints, joints.any(axis=-1, keepdims=True)], axis=-1, dtype=np.float32)


def describe(content: object) -> str:
    if isinstance(content, dict):
        return f'a dictionary with {", ".join(map(str, list(content)[:6])) or "nothing"}'
    return f'{type(content).__name__} {content!r}'[:60]
