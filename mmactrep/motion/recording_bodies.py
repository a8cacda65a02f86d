"""Joint positions of a sensor on bodies of a motion library."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mmactrep.structures import SkeletonLayout
from mmactrep.structures.joint_mapping import build_mapping

from .body import BODY, REST_OFFSETS
from .errors import MotionError
from .library import mean_leg_length
from .library_layout import LIBRARY_LAYOUT, to_library_layout

_SIDES = ('left', 'right')
#: Joints that library bodies have between the joints of both sides, whatever a sensor calls so.
_BETWEEN = ('neck', 'mid_hip', 'chest')
_BENT = 0.9  # a leg is bent if hip and ankle are nearer than this share of thigh and shin


def library_joints(positions: np.ndarray, layout: SkeletonLayout) -> np.ndarray:
    """Joints of ``LIBRARY_LAYOUT`` from those of a sensor, by name.

    As on all bodies of libraries, neck and mid-hip lie between the shoulders and between the hips, and the
    chest half-way between neck and mid-hip; Kinect's own shoulder and hip centers lie elsewhere. A nose that
    the sensor lacks is that of the reference body, whose head points along the line from neck to head and
    faces as the shoulders do: sensors do not see where a head turns.

    Args:
        positions: (T, V, 3).
        layout: Layout of the positions.

    Returns:
        (T, 17, 3).

    Raises:
        MotionError: If a joint cannot be derived.
    """
    mapping, lacking = build_mapping(layout.joints, LIBRARY_LAYOUT.joints, _BETWEEN)
    if lacking:
        raise MotionError(f"layout '{layout.name}': cannot derive {', '.join(lacking)}")
    joints = mapping.weights[0].astype(positions.dtype) @ positions
    if 'nose' not in layout.joints:
        joints[:, LIBRARY_LAYOUT.index('nose')] = _nose(joints)
    return joints


def _nose(joints: np.ndarray) -> np.ndarray:
    """Nose of the reference body, scaled, on a head between the neck and head of joints (T, 17, 3)."""
    neck, head, left, right = (
        joints[:, LIBRARY_LAYOUT.index(joint)]
        for joint in ('neck', 'head', 'left_shoulder', 'right_shoulder')
    )
    rest_head, rest_nose = (REST_OFFSETS[BODY.index(joint)].astype(np.float64) for joint in ('head', 'nose'))
    scale = np.linalg.norm(head - neck, axis=-1) / np.linalg.norm(rest_head)
    turn = _frames_of(head - neck, left - right) @ _frames_of(rest_head, np.array([1.0, 0.0, 0.0])).T
    return neck + scale[:, None] * (turn @ rest_nose)


def _frames_of(up: np.ndarray, left: np.ndarray) -> np.ndarray:
    """Right-handed unit axes (..., 3, 3), as columns: left, up and ahead, with ``up`` kept."""
    up = _unit(up)
    left = _unit(left - (left * up).sum(axis=-1, keepdims=True) * up)
    return np.stack([left, up, np.cross(left, up)], axis=-1)


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)


def on_body(joints: np.ndarray, character: np.ndarray) -> np.ndarray:
    """A recorded motion on a character: the directions of its bones with the character's lengths.

    The path of the root is scaled like the legs. The first frame is turned about the vertical to face +z, its
    root is over the origin, and the lowest joint of the motion is at the height of an ankle that stands.
    Nothing is mirrored.

    Args:
        joints: (T, 17, 3) from :func:`library_joints`, y up.
        character: (J, 3) bones of the procedural body, meters.

    Returns:
        (T, 17, 3) float32, meters; y up, x to the left of a body facing +z.
    """
    parents, root = list(LIBRARY_LAYOUT.parent_indices), LIBRARY_LAYOUT.root
    rest = _rest_positions(character)
    lengths = np.linalg.norm(rest - rest[parents], axis=-1)
    bones = _unit(joints - joints[:, parents]) * lengths[:, None]
    legs = mean_leg_length(rest[None], LIBRARY_LAYOUT) / mean_leg_length(joints, LIBRARY_LAYOUT)
    out = np.zeros_like(joints)
    out[:, root] = joints[:, root] * legs
    for joint in _downward(LIBRARY_LAYOUT):
        out[:, joint] = out[:, parents[joint]] + bones[:, joint]
    left = sum(
        joints[0, LIBRARY_LAYOUT.index(f'left_{part}')] - joints[0, LIBRARY_LAYOUT.index(f'right_{part}')]
        for part in ('hip', 'shoulder')
    )
    x, z = left[[0, 2]] / max(np.hypot(left[0], left[2]), 1e-9)
    out -= out[0, root] * [1, 0, 1]
    out = out @ np.array([[x, 0, -z], [0, 1, 0], [z, 0, x]])  # (x, z) of the body's left becomes (1, 0)
    ankle = rest[LIBRARY_LAYOUT.index('left_ankle'), 1] - _floor(character)
    out[..., 1] += ankle - out[..., 1].min()
    return out.astype(np.float32)


def _rest_positions(character: np.ndarray) -> np.ndarray:
    """Joints (17, 3) of a character at rest, the mid-hip at the origin."""
    at = np.zeros((BODY.num_joints, 3))
    for joint in _downward(BODY):
        at[joint] = at[BODY.parent_indices[joint]] + character[joint]
    return to_library_layout(at)


def _floor(character: np.ndarray) -> float:
    """Height of the soles below the mid-hip of a character at rest."""
    leg = BODY.indices([f'left_{joint}' for joint in ('hip', 'knee', 'ankle', 'heel')])
    return float(character[leg, 1].sum())


def _downward(layout: SkeletonLayout) -> list[int]:
    """All joints but the root, parents before children."""
    order, parents = [layout.root], layout.parent_indices
    for joint in order:
        order += [child for child, parent in enumerate(parents) if parent == joint and child != joint]
    return order[1:]


def check_posture(recordings: Sequence[np.ndarray], layout: SkeletonLayout, where: str) -> None:
    """Check that recordings stand upright on y, and that left is left: knees bend forward.

    Args:
        recordings: (T, V, 3) positions each.
        layout: Their layout.
        where: What to name in an error.

    Raises:
        MotionError: If trunks hang down or lie in most frames, or the knees of most bent legs point
            backwards, as they do where sides are exchanged or an axis is mirrored.
    """
    joints = np.concatenate([library_joints(positions, layout) for positions in recordings])
    at = {joint: joints[:, i] for i, joint in enumerate(LIBRARY_LAYOUT.joints)}
    trunk = at['neck'] - at['mid_hip']
    if not np.median(_unit(trunk)[:, 1]) > 0.5:
        raise MotionError(f'{where}: expected bodies upright along y in most frames, found others')
    ahead = np.cross(at['left_shoulder'] - at['right_shoulder'], trunk)
    votes = 0
    for side in _SIDES:
        hip, knee, ankle = (at[f'{side}_{joint}'] for joint in ('hip', 'knee', 'ankle'))
        leg = np.linalg.norm(knee - hip, axis=-1) + np.linalg.norm(ankle - knee, axis=-1)
        bent = np.linalg.norm(ankle - hip, axis=-1) < _BENT * leg
        forward = ((knee - (hip + ankle) / 2) * ahead).sum(axis=-1)
        votes += int(np.sign(forward[bent]).sum())
    if votes < 0:
        raise MotionError(
            f'{where}: knees bend backwards, so left and right are exchanged or an axis is mirrored; '
            'expected x to the left of a body facing +z, y up'
        )
