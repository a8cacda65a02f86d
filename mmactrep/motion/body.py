"""A human body as a chain of frames with joint angles, and its forward kinematics.

World axes: x to the body's left, y up, z in the direction it faces; meters and radians. In the rest pose
(all angles 0) the body stands upright with hanging arms and feet pointing forward.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mmactrep.structures import SkeletonLayout

SIDES = ('left', 'right')


@dataclass(frozen=True)
class Frame:
    """A rigid part of the body.

    Args:
        name: Name of the part.
        parent: Part to whose orientation the angles are relative; None for the pelvis (world).
        axes: Axes of the intrinsic rotations, in order; one joint angle each.
    """

    name: str
    parent: str | None
    axes: str


@dataclass(frozen=True)
class Joint:
    """A point of the skeleton: ``position(parent) + orientation(frame) @ offset``.

    Args:
        name: Joint name as the layouts use it.
        parent: Joint at the other end of the bone; None for the root.
        frame: Part of the body that carries the bone.
        offset: Bone in the rest pose of the reference body, meters.
        clearance: Height of the joint when the body touches the floor there, meters (flesh around it).
    """

    name: str
    parent: str | None
    frame: str
    offset: tuple[float, float, float]
    clearance: float


def _frames() -> tuple[Frame, ...]:
    trunk = [
        Frame('pelvis', None, 'yxz'),
        Frame('lumbar', 'pelvis', 'yxz'),
        Frame('thorax', 'lumbar', 'yxz'),
        Frame('head', 'thorax', 'yxz'),
    ]
    # The upper arm turns with the thorax, not with the clavicle: shrugging moves the shoulder joint
    # and leaves the direction of the arm alone.
    limbs = [
        Frame(f'{side}_{name}', parent.format(side), axes)
        for side in SIDES
        for name, parent, axes in (
            ('clavicle', 'thorax', 'yz'),
            ('upper_arm', 'thorax', 'xzy'),
            ('forearm', '{}_upper_arm', 'x'),
            ('hand', '{}_forearm', 'yx'),
            ('thigh', 'pelvis', 'xzy'),
            ('shin', '{}_thigh', 'x'),
            ('foot', '{}_shin', 'x'),
        )
    ]
    return tuple(trunk + limbs)


def _joints() -> tuple[Joint, ...]:
    joints = [
        Joint('mid_hip', None, 'pelvis', (0.0, 0.0, 0.0), 0.10),
        Joint('chest', 'mid_hip', 'lumbar', (0.0, 0.255, 0.0), 0.11),
        Joint('neck', 'chest', 'thorax', (0.0, 0.255, 0.0), 0.08),
        Joint('head', 'neck', 'head', (0.0, 0.235, 0.03), 0.08),
        Joint('nose', 'neck', 'head', (0.0, 0.165, 0.115), 0.02),
    ]
    for side, x in (('left', 1.0), ('right', -1.0)):
        joints += [
            Joint(f'{side}_eye', 'neck', 'head', (0.033 * x, 0.20, 0.095), 0.02),
            Joint(f'{side}_ear', 'neck', 'head', (0.075 * x, 0.175, 0.01), 0.02),
            Joint(f'{side}_mouth', 'neck', 'head', (0.025 * x, 0.115, 0.10), 0.02),
            Joint(f'{side}_shoulder', 'neck', f'{side}_clavicle', (0.18 * x, 0.0, 0.0), 0.07),
            Joint(f'{side}_elbow', f'{side}_shoulder', f'{side}_upper_arm', (0.0, -0.285, 0.0), 0.05),
            Joint(f'{side}_wrist', f'{side}_elbow', f'{side}_forearm', (0.0, -0.25, 0.0), 0.04),
            Joint(f'{side}_hand', f'{side}_wrist', f'{side}_hand', (0.0, -0.08, 0.0), 0.03),
            Joint(f'{side}_hand_tip', f'{side}_hand', f'{side}_hand', (0.0, -0.095, 0.0), 0.01),
            Joint(f'{side}_thumb', f'{side}_hand', f'{side}_hand', (0.0, -0.015, 0.055), 0.01),
            Joint(f'{side}_hip', 'mid_hip', 'pelvis', (0.11 * x, 0.0, 0.0), 0.10),
            Joint(f'{side}_knee', f'{side}_hip', f'{side}_thigh', (0.0, -0.435, 0.0), 0.05),
            Joint(f'{side}_ankle', f'{side}_knee', f'{side}_shin', (0.0, -0.415, 0.0), 0.04),
            Joint(f'{side}_heel', f'{side}_ankle', f'{side}_foot', (0.0, -0.075, -0.05), 0.0),
            Joint(f'{side}_foot', f'{side}_ankle', f'{side}_foot', (0.0, -0.075, 0.16), 0.0),
        ]
    return tuple(joints)


FRAMES = _frames()
JOINTS = _joints()
ANGLES: tuple[str, ...] = tuple(f'{frame.name}_{axis}' for frame in FRAMES for axis in frame.axes)
"""Names of the joint angles, in the order of the angle arrays: part and axis of rotation."""

BODY = SkeletonLayout(
    'synthetic_body',
    tuple(joint.name for joint in JOINTS),
    {joint.name: joint.parent for joint in JOINTS if joint.parent},
    center='neck',
)
"""All joints of the procedural body. Other layouts are derived from it by ``BODY.mapping_to``."""

REST_OFFSETS = np.array([joint.offset for joint in JOINTS], np.float32)
"""Bones of the reference body, 1.75 m tall, in the rest pose [J, 3]."""

CLEARANCE = np.array([joint.clearance for joint in JOINTS], np.float32)
"""Height of every joint over the floor when it rests on it [J], meters."""

ANGLE_INDEX = {name: i for i, name in enumerate(ANGLES)}
_AXIS = {'x': (1, 2), 'y': (2, 0), 'z': (0, 1)}


def rotate(columns: np.ndarray, axis: str, angle: np.ndarray) -> np.ndarray:
    """Append an intrinsic rotation about one axis, ``R @ R_axis(angle)``.

    Args:
        columns: Rotation matrices by columns: [3 (column), 3 (component), ...].
        axis: 'x', 'y' or 'z'.
        angle: [...], radians.
    """
    i, j = _AXIS[axis]
    cos, sin = np.cos(angle), np.sin(angle)
    out = columns.copy()
    out[i] = columns[i] * cos + columns[j] * sin
    out[j] = columns[j] * cos - columns[i] * sin
    return out


def identity(shape: tuple[int, ...], dtype: type = np.float32) -> np.ndarray:
    """Unit rotations in the form of :func:`rotate`, [3, 3, *shape]."""
    columns = np.zeros((3, 3, *shape), dtype)
    columns[(0, 1, 2), (0, 1, 2)] = 1
    return columns


def orientations(angles: np.ndarray) -> dict[str, np.ndarray]:
    """World orientation of every part.

    Args:
        angles: (..., D), see ``ANGLES``.

    Returns:
        Part to rotation columns [3, 3, ...].
    """
    planes = np.moveaxis(angles, -1, 0)
    unit = identity(angles.shape[:-1], angles.dtype)
    result: dict[str, np.ndarray] = {}
    for frame in FRAMES:
        columns = unit if frame.parent is None else result[frame.parent]
        for axis in frame.axes:
            columns = rotate(columns, axis, planes[ANGLE_INDEX[f'{frame.name}_{axis}']])
        result[frame.name] = columns
    return result


def forward_kinematics(angles: np.ndarray, offsets: np.ndarray = REST_OFFSETS) -> np.ndarray:
    """Joint positions relative to the mid-hip.

    Args:
        angles: (N, T, D) joint angles, radians, in the order of ``ANGLES``.
        offsets: Bones in the rest pose, (J, 3) for all clips or (N, J, 3) for each, meters.

    Returns:
        (N, T, J, 3) positions, joints in the order of ``BODY``, meters.

    Raises:
        ValueError: If the arrays do not have these shapes.
    """
    if angles.ndim != 3 or angles.shape[-1] != len(ANGLES):
        raise ValueError(f'angles must be (N, T, {len(ANGLES)}), got {angles.shape}')
    if offsets.shape[-2:] != REST_OFFSETS.shape or offsets.ndim not in (2, 3):
        raise ValueError(f'offsets must be (N, {len(JOINTS)}, 3) or ({len(JOINTS)}, 3), got {offsets.shape}')
    if offsets.ndim == 3 and len(offsets) != len(angles):
        raise ValueError(f'{len(angles)} clips of angles, but bones of {len(offsets)} characters')
    frames = orientations(angles)
    bones = np.broadcast_to(offsets, (len(angles), *REST_OFFSETS.shape))
    out = np.zeros((*angles.shape[:2], len(JOINTS), 3), angles.dtype)
    positions: dict[str, np.ndarray] = {}
    for i, joint in enumerate(JOINTS):
        if joint.parent is None:
            positions[joint.name] = np.zeros((3, *angles.shape[:2]), angles.dtype)
            continue
        columns = frames[joint.frame]
        x, y, z = (bones[:, i, axis, None].astype(angles.dtype) for axis in range(3))
        position = positions[joint.parent] + columns[0] * x + columns[1] * y + columns[2] * z
        positions[joint.name] = position
        out[:, :, i] = np.moveaxis(position, 0, -1)
    return out


def place(positions: np.ndarray, root: np.ndarray, offsets: np.ndarray = REST_OFFSETS) -> np.ndarray:
    """Put a body into the world: its lowest point on the floor, plus the root's motion.

    Args:
        positions: (N, T, J, 3) relative to the mid-hip, from :func:`forward_kinematics`.
        root: (N, T, 3) motion of the mid-hip over the floor (x, z) and height above it in a jump (y) for
            the reference body, meters; scaled by the length of the character's legs.
        offsets: Bones of the characters, as in :func:`forward_kinematics`.

    Returns:
        (N, T, J, 3) in world coordinates; the floor is y = 0.
    """
    scale = (leg_length(offsets) / leg_length(REST_OFFSETS)).astype(positions.dtype)
    scale = np.broadcast_to(scale, len(positions))[:, None, None]
    shift = root * scale
    lowest = np.full(positions.shape[:2], np.inf, positions.dtype)
    for joint, clearance in enumerate(CLEARANCE.astype(positions.dtype)):
        np.minimum(lowest, positions[:, :, joint, 1] - clearance * scale[..., 0], out=lowest)
    shift[..., 1] -= lowest
    return positions + shift[..., None, :]


def leg_length(offsets: np.ndarray) -> np.ndarray:
    """Thigh and shin together, (...,) from bones (..., J, 3), meters."""
    legs = BODY.indices(('left_knee', 'left_ankle'))
    return np.linalg.norm(offsets[..., legs, :], axis=-1).sum(axis=-1)
