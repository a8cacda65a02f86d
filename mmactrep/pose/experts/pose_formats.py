"""The poses of a file, and the formats of OpenPose and LCRNet++.

Pure functions from a file's content to the persons of each frame. In all formats a joint is missing if its
score is 0 or its coordinates are (0, 0) or NaN. Detections (AlphaPose, COCO, mmpose) and arrays have separate
modules.
"""

from __future__ import annotations

import itertools
import os
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mmactrep.files import BadFileError, reading, shown
from mmactrep.structures import SkeletonLayout, get_layout, joint_scores, seen_joints
from mmactrep.structures.poses import FramePoses

# Layouts of OpenPose by joints per person.
_OPENPOSE = {25: get_layout('body25'), 18: get_layout('openpose18')}
#: Coordinates beyond this many pixels are an error: no picture is that large.
MAX_COORDINATE = 1e6
#: Third numbers above this are not scores in any format; some networks slightly exceed 1.
MAX_SCORE = 20.0
# Poses in pixels exceed this; those in shares of the picture do not.
_SHARE = 1.5


@dataclass(frozen=True, eq=False)
class PoseFile:
    """The poses of a file.

    Args:
        layout: Layout of the joints.
        frames: Persons by frame number; frames without anybody may be absent.
        img_shape: (H, W) of the pictures, if the file has it.
        notes: What a user should know about the file, one sentence each.
    """

    layout: SkeletonLayout
    frames: Mapping[int, FramePoses]
    img_shape: tuple[int, int] | None = None
    notes: tuple[str, ...] = ()


#: Frame number and (V, 3) x, y, score of one person.
Row = tuple[int, np.ndarray]


def parse_openpose(
    contents: Mapping[int, dict], layout: SkeletonLayout | None = None, path: str | os.PathLike = ''
) -> PoseFile:
    """OpenPose, BODY_25 or COCO 18: a frame is ``{"people": [{"pose_keypoints_2d": [x, y, score, ...]}]}``.

    Args:
        contents: Content of the JSON file of each frame.
        layout: Layout of the joints. Default: from their number.
        path: For messages.

    Raises:
        BadFileError: See :func:`read_poses`.
    """
    rows = []
    for frame, content in contents.items():
        people = content.get('people') if isinstance(content, dict) else None
        where = f'{path}: frame {frame}'
        if not isinstance(people, list):
            raise BadFileError(f'{where}: expected {{"people": [...]}}, found {summarize(content)}')
        for person in people:
            old = isinstance(person, dict) and 'pose_keypoints' in person
            rows.append((frame, triples(person, 'pose_keypoints' if old else 'pose_keypoints_2d', where)))
    layout = layout_of(rows, layout, _OPENPOSE, path) if rows else layout or _OPENPOSE[25]
    return collect(rows, layout, path)


def parse_lcrnet(
    content: dict, layout: SkeletonLayout | None = None, path: str | os.PathLike = ''
) -> PoseFile:
    """LCRNet++: ``{"frames": [[{"pose2d": [13 x, then 13 y]}, ... persons], ... frames]}``.

    Present joints have score 1.

    Args:
        content: Content of the JSON file.
        layout: Layout of the joints. Default: ``lcrnet13``.
        path: For messages.

    Raises:
        BadFileError: See :func:`read_poses`.
    """
    frames = content.get('frames')
    if not isinstance(frames, list) or not all(isinstance(frame, list) for frame in frames):
        raise BadFileError(f'{path}: expected {{"frames": [[person, ...], ...]}}')
    layout, rows = layout or get_layout('lcrnet13'), []
    for number, frame in enumerate(frames):
        for person in frame:
            where = f'{path}: frame {number}'
            numbers = read_numbers(person, 'pose2d', where)
            if len(numbers) != 2 * layout.num_joints:
                raise BadFileError(
                    f"{where}: expected 'pose2d' of {2 * layout.num_joints} numbers "
                    f"({layout.num_joints} joints of '{layout.name}', x before y), found {len(numbers)}"
                )
            rows.append((number, with_score(numbers.reshape(2, -1).T)))
    return collect(rows, layout, path)


def collect(
    rows: Sequence[Row],
    layout: SkeletonLayout,
    path: str | os.PathLike,
    img_shape: tuple[int, int] | None = None,
    notes: Sequence[str] = (),
) -> PoseFile:
    """Persons by frame, in order; frames and persons without any seen joint are skipped.

    Raises:
        BadFileError: If a person has a wrong number of joints, coordinates that are infinite or beyond any
            picture, or invalid scores.
    """
    for frame, joints in rows:
        if len(joints) != layout.num_joints:
            raise BadFileError(
                f"{path}: frame {frame}: layout '{layout.name}' has {layout.num_joints} joints, "
                f'found {len(joints)}'
            )
    table = np.stack([joints for _, joints in rows]) if rows else np.zeros((0, layout.num_joints, 3))
    _check_values(table, [frame for frame, _ in rows], path)
    keypoint, score = table[..., :2], table[..., 2]
    # all of these tools write zeros for a joint that they did not see, some of them with a score
    score = np.where(seen_joints(keypoint), joint_scores(keypoint, score), 0)
    keypoint = np.where(score[..., None] > 0, keypoint, 0)
    by_frame: dict[int, list[int]] = defaultdict(list)
    for row in np.flatnonzero((score > 0).any(axis=1)):
        by_frame[rows[row][0]].append(row)
    frames = {frame: FramePoses(keypoint[chosen], score[chosen]) for frame, chosen in by_frame.items()}
    notes = (*notes, *_notes_on_unit(keypoint[score > 0]), *_notes_on_frames(frames))
    return PoseFile(layout, frames, img_shape, notes)


def _check_values(table: np.ndarray, frames: Sequence[int], path: str | os.PathLike) -> None:
    points, score = table[..., :2], table[..., 2]
    missing = np.isnan(points).any(axis=-1)
    for wrong, expected, values in (
        (np.isinf(points).any(axis=-1), 'finite coordinates', points),
        (
            (np.abs(points) > MAX_COORDINATE).any(axis=-1),
            f'coordinates of at most {MAX_COORDINATE:g} pixels',
            points,
        ),
        (~missing & np.isnan(score), 'finite scores', score),
        (~missing & (score < 0), 'scores of at least 0 (x, y, score)', score),
        (~missing & (score > MAX_SCORE), 'scores from 0 to 1 (x, y, score)', score),
    ):
        if wrong.any():
            row, joint = (int(part[0]) for part in np.nonzero(wrong))
            value = ', '.join(f'{number:.6g}' for number in np.atleast_1d(values[row, joint]))
            raise BadFileError(f'{path}: frame {frames[row]}: expected {expected}, found {value}')


def _notes_on_unit(points: np.ndarray) -> list[str]:
    """A note if joints (n, 2) would all be inside a picture of one pixel."""
    if not len(points) or np.abs(points).max() > _SHARE or (points == np.round(points)).all():
        return []
    return [
        f'the coordinates lie between {points.min():.3g} and {points.max():.3g}, where pixels are expected: '
        'if they are shares of the picture, multiply x by its width and y by its height'
    ]


def _notes_on_frames(frames: Mapping[int, FramePoses]) -> list[str]:
    if not frames:
        return []
    first, last = min(frames), max(frames)
    if last - first < 100_000 or last - first < 100 * len(frames):
        return []
    return [
        f'the poses of {len(frames)} frames are numbered from {first} to {last}: '
        'are these the numbers of frames?'
    ]


def layout_of(
    rows: Sequence[Row],
    layout: SkeletonLayout | None,
    known: Mapping[int, SkeletonLayout],
    path: str | os.PathLike,
) -> SkeletonLayout:
    """The given layout, or the format's layout with as many joints as the first person.

    Raises:
        BadFileError: If the format has no layout with that many joints.
    """
    count = len(rows[0][1])
    if layout is None and count not in known:
        raise BadFileError(
            f'{path}: expected {" or ".join(map(str, known))} joints per person, found {count}; '
            'name the layout if it is another one'
        )
    return layout or known[count]


def read_numbers(person: object, key: str, where: str) -> np.ndarray:
    """The list of numbers that a person has under a key, nested or not, as (n,) float32.

    Raises:
        BadFileError: If there is no such list, or it holds anything but numbers.
    """
    values = person.get(key) if isinstance(person, dict) else None
    if not isinstance(values, list):
        raise BadFileError(f"{where}: expected a person with a list '{key}', found {summarize(person)}")
    if any(isinstance(value, list) for value in values):
        values = list(itertools.chain.from_iterable(_inner(values, key, where)))
    # numpy would convert strings and booleans to numbers
    foreign = next((value for value in values if type(value) not in (int, float)), None)
    if foreign is not None or None in values:
        raise BadFileError(f"{where}: '{key}' holds what is no number: {shown(foreign)}")
    with reading(where, f"numbers in '{key}'"), np.errstate(over='ignore'):
        return np.array(values, np.float64).astype(np.float32)


def _inner(values: Iterable[object], key: str, where: str) -> Iterable[list]:
    for value in values:
        if not isinstance(value, list):
            raise BadFileError(f"{where}: '{key}' mixes lists and numbers: {shown(value)}")
        yield value


def triples(person: object, key: str, where: str) -> np.ndarray:
    """(V, 3) x, y, score of a person's joints.

    Raises:
        BadFileError: As :func:`read_numbers`, or if their count is not a multiple of 3.
    """
    numbers = read_numbers(person, key, where)
    if not len(numbers) or len(numbers) % 3:
        raise BadFileError(
            f"{where}: expected '{key}' as x, y, score of each joint, found {len(numbers)} numbers"
        )
    return numbers.reshape(-1, 3)


def with_score(joints: np.ndarray) -> np.ndarray:
    """(..., 3) from (..., 2 or 3); without scores, present joints get 1."""
    joints = joints.astype(np.float32)
    if joints.shape[-1] == 3:
        return joints
    return np.concatenate([joints, joint_scores(joints)[..., None]], axis=-1)


def summarize(content: object) -> str:
    """A summary of a piece of JSON, for messages."""
    if isinstance(content, dict):
        keys = ', '.join(shown(key, 40).strip("'") for key in list(content)[:6])
        return f'a dictionary with {keys or "nothing"}'
    return f'{type(content).__name__} {shown(content, 50)}'
