"""The controls by which motions are written, and how joint angles follow from them.

An animator does not write shoulder angles but says where hands and feet go. A :class:`Rig` contains such
controls over time; being plain numbers in a linear space they can be eased, blended and composed.
:func:`solve` turns them into joint angles on the reference body by closed-form two-bone inverse
kinematics. Motions are written for a right-handed performer, side ``r``; :func:`mirror_rig` makes the
left-handed ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mmactrep.motion.body import ANGLE_INDEX, ANGLES, BODY, REST_OFFSETS, identity, rotate

# name: (sign under mirroring, part). 'Lateral' controls are positive to the body's left or turn to it.
_CENTRAL = dict(
    root_x=(-1, 'lower'),  # position on the floor, meters
    root_z=(1, 'lower'),
    root_yaw=(-1, 'lower'),  # heading, 0 = +z, positive to the left
    lift=(1, 'lower'),  # height of a flight
    hip_x=(-1, 'lower'),  # pelvis against the root's place, in the heading's axes
    hip_drop=(1, 'lower'),  # how much lower than standing with straight legs
    hip_z=(1, 'lower'),
    pelvis_twist=(-1, 'lower'),
    pelvis_pitch=(1, 'lower'),  # positive forward
    pelvis_roll=(-1, 'lower'),  # positive to the right
    spine_twist=(-1, 'trunk'),
    spine_flex=(1, 'trunk'),
    spine_side=(-1, 'trunk'),
    neck_twist=(-1, 'trunk'),
    neck_flex=(1, 'trunk'),
    neck_side=(-1, 'trunk'),
)
_SIDED = dict(
    hand_out='arm',  # wrist against the shoulder in the thorax's axes: outward, up, forward; meters
    hand_up='arm',
    hand_fwd='arm',
    swivel='arm',  # elbow about the line shoulder to wrist: 0 down and back, positive outward
    hand_flex='arm',
    hand_twist='arm',
    shrug='arm',
    protract='arm',
    engaged='arm',  # how much the motion has taken the hand, 0 to 1; see combine_rigs
    foot_out='lower',  # ankle against the root's place, in the heading's axes; up from standing
    foot_up='lower',
    foot_fwd='lower',
    foot_pitch='lower',  # toes up positive
    foot_yaw='lower',  # toes outward positive
    knee_out='lower',
)
CHANNELS: dict[str, tuple[int, str]] = _CENTRAL | {
    f'{name}_{side}': (1, part) for name, part in _SIDED.items() for side in 'rl'
}
"""Control name to (sign under mirroring, body part: 'lower', 'trunk' or 'arm')."""

_UPPER_ARM, _FOREARM, _THIGH, _SHIN = (
    float(np.linalg.norm(REST_OFFSETS[BODY.index(f'left_{joint}')]))
    for joint in ('elbow', 'wrist', 'knee', 'ankle')
)
ANKLE_HEIGHT = -float(REST_OFFSETS[BODY.index('left_heel')][1])
HIP_HEIGHT = _THIGH + _SHIN + ANKLE_HEIGHT
_HIP_WIDTH = float(REST_OFFSETS[BODY.index('left_hip')][0])
_MIN_BEND, _MAX_BEND = 0.06, 2.6
_ANKLE_LIMITS = (-0.7, 1.0)


class Rig(dict[str, np.ndarray]):
    """Controls over time, name to (N, T) or anything that broadcasts to it; see ``CHANNELS``.

    Methods return a new rig and leave the old one unchanged.
    """

    def add(self, **values: np.ndarray | float) -> Rig:
        """Add to controls."""
        return Rig(self | {name: self[name] + value for name, value in values.items()})

    def to(self, weight: np.ndarray | float, **targets: np.ndarray | float) -> Rig:
        """Move controls towards targets by a weight of 0 to 1."""
        return Rig(
            self | {name: self[name] + weight * (target - self[name]) for name, target in targets.items()}
        )

    def reach(
        self,
        side: str,
        weight: np.ndarray | float,
        target: tuple[np.ndarray | float, np.ndarray | float, np.ndarray | float],
        swivel: np.ndarray | float = 0.3,
        **others: np.ndarray | float,
    ) -> Rig:
        """Move a hand to a position.

        Args:
            side: 'r' (the active hand) or 'l'.
            weight: 0 leaves the hand where it is, 1 puts it on the target.
            target: Outward, up and forward of the shoulder, meters.
            swivel: Where the elbow points; 0 down and back, pi/2 outward.
            **others: Further controls of the arm, without the side: ``hand_flex=0.2``.
        """
        targets = dict(zip(('hand_out', 'hand_up', 'hand_fwd'), target), swivel=swivel, **others)
        rig = self.to(weight, **{f'{name}_{side}': value for name, value in targets.items()})
        engaged = f'engaged_{side}'
        rig[engaged] = np.maximum(self[engaged], weight)
        return rig


def mirror_rig(rig: Mapping[str, np.ndarray], mask: np.ndarray) -> Rig:
    """Swap the sides of some clips.

    Args:
        rig: Controls (N, T).
        mask: (N,) True for the clips to mirror.
    """
    mask = mask[:, None]
    out = Rig()
    for name, (sign, _) in CHANNELS.items():
        partner = name[:-1] + dict(r='l', l='r')[name[-1]] if name[-2:] in ('_r', '_l') else name
        out[name] = np.where(mask, sign * rig[partner], rig[name])
    return out


def combine_rigs(
    upper: Mapping[str, np.ndarray], lower: Mapping[str, np.ndarray], base: Mapping[str, np.ndarray]
) -> Rig:
    """One body doing an upper-body and a lower-body motion at once.

    Root, pelvis and legs follow the lower motion. The trunk bends by what both add to the rest pose. A hand
    follows the upper motion as far as that motion has engaged it, and otherwise swings with the lower one.

    Args:
        upper: Controls of the upper-body motion.
        lower: Controls of the lower-body motion.
        base: The resting controls that both motions started from.
    """
    out = Rig(lower)
    for name, (_, part) in CHANNELS.items():
        if part == 'trunk':
            out[name] = lower[name] + upper[name] - base[name]
        elif part == 'arm':
            weight = upper[f'engaged_{name[-1]}']
            out[name] = lower[name] + weight * (upper[name] - lower[name])
    return out


@dataclass
class Animation:
    """A motion without a body: what retargeting carries from one character to another.

    Args:
        angles: (N, T, D) joint angles, radians; see ``body.ANGLES``.
        root: (N, T, 3) x and z of the mid-hip over the floor and (y) height above it in a jump, meters on
            the reference body.
    """

    angles: np.ndarray
    root: np.ndarray

    def __len__(self) -> int:
        return len(self.angles)

    def __getitem__(self, rows) -> Animation:
        return Animation(self.angles[rows], self.root[rows])


def solve(rig: Mapping[str, np.ndarray]) -> Animation:
    """Joint angles and root motion from controls; elbows and knees stay within their limits.

    Args:
        rig: All controls of ``CHANNELS``, (N, T).
    """
    shape = np.broadcast_shapes(*(np.shape(value) for value in rig.values()))
    c = {name: np.broadcast_to(np.asarray(rig[name], np.float32), shape) for name in CHANNELS}
    angles = np.zeros((*shape, len(ANGLES)), np.float32)

    def put(**values: np.ndarray) -> None:
        for name, value in values.items():
            angles[..., ANGLE_INDEX[name]] = value

    put(pelvis_y=c['root_yaw'] + c['pelvis_twist'], pelvis_x=c['pelvis_pitch'], pelvis_z=c['pelvis_roll'])
    for part in ('lumbar', 'thorax'):
        put(
            **{
                f'{part}_y': c['spine_twist'] / 2,
                f'{part}_x': c['spine_flex'] / 2,
                f'{part}_z': c['spine_side'] / 2,
            }
        )
    put(head_y=c['neck_twist'], head_x=c['neck_flex'], head_z=c['neck_side'])
    pelvis = identity(shape)
    for axis, name in (('y', 'pelvis_twist'), ('x', 'pelvis_pitch'), ('z', 'pelvis_roll')):
        pelvis = rotate(pelvis, axis, c[name])
    for side, key, sign in (('left', 'l', 1.0), ('right', 'r', -1.0)):
        sided = {name: c[f'{name}_{key}'] for name in _SIDED}
        for name, value in (_solve_arm(sided, sign) | _solve_leg(sided, c, pelvis, sign)).items():
            put(**{f'{side}_{name}': value})
    sin, cos = np.sin(c['root_yaw']), np.cos(c['root_yaw'])
    x = c['root_x'] + c['hip_x'] * cos + c['hip_z'] * sin
    z = c['root_z'] + c['hip_z'] * cos - c['hip_x'] * sin
    return Animation(angles, np.stack([x, c['lift'], z], axis=-1))


def _solve_arm(arm: Mapping[str, np.ndarray], sign: float) -> dict[str, np.ndarray]:
    target = np.stack([sign * arm['hand_out'], arm['hand_up'], arm['hand_fwd']])
    cos, sin = np.cos(arm['swivel']), np.sin(arm['swivel'])
    # A hanging arm bends its elbow backward, one that is held out downward, a raised one forward.
    height = arm['hand_up'] / np.maximum(np.linalg.norm(target, axis=0), 1e-6)
    pole = np.stack([sign * (sin + 0.1), -0.6 * cos, 0.8 * cos * height])
    columns, bend = _two_bones(target, pole, _UPPER_ARM, _FOREARM, bend_sign=1.0)
    x, z, y = _euler_xzy(columns)
    return dict(
        clavicle_z=sign * arm['shrug'],
        clavicle_y=-sign * arm['protract'],
        upper_arm_x=x,
        upper_arm_z=z,
        upper_arm_y=y,
        forearm_x=-bend,
        hand_y=-sign * arm['hand_twist'],
        hand_x=-arm['hand_flex'],
    )


def _solve_leg(
    leg: Mapping[str, np.ndarray], central: Mapping[str, np.ndarray], pelvis: np.ndarray, sign: float
) -> dict[str, np.ndarray]:
    ankle = np.stack(
        [
            sign * leg['foot_out'] - central['hip_x'],
            ANKLE_HEIGHT + leg['foot_up'] - HIP_HEIGHT + central['hip_drop'],
            leg['foot_fwd'] - central['hip_z'],
        ]
    )
    target = _into(pelvis, ankle)
    target[0] -= sign * _HIP_WIDTH
    turn = 0.7 * leg['foot_yaw'] + leg['knee_out']
    # A little upward, so that the knee direction of a straight leg raised to the front is defined.
    pole = np.stack([sign * np.sin(turn), np.full_like(turn, 0.35), np.cos(turn)])
    columns, bend = _two_bones(target, pole, _THIGH, _SHIN, bend_sign=-1.0)
    x, z, y = _euler_xzy(columns)
    yaw, pitch = leg['foot_yaw'], leg['foot_pitch']
    toes = np.stack([sign * np.sin(yaw) * np.cos(pitch), np.sin(pitch), np.cos(yaw) * np.cos(pitch)])
    toes = _into(rotate(columns, 'x', bend), _into(pelvis, toes))
    ankle_bend = np.clip(np.arctan2(-toes[1], toes[2]), *_ANKLE_LIMITS)
    return dict(thigh_x=x, thigh_z=z, thigh_y=y, shin_x=bend, foot_x=ankle_bend)


def _two_bones(
    target: np.ndarray, pole: np.ndarray, first: float, second: float, bend_sign: float
) -> tuple[np.ndarray, np.ndarray]:
    """Orientation of the first bone and bend of the second, so that their chain ends at the target.

    Args:
        target: [3, ...] end of the chain; an unreachable target is approached.
        pole: [3, ...] side to which the middle joint points.
        first: Length of the first bone, which hangs along -y in its frame.
        second: Length of the second bone.
        bend_sign: 1 if bending brings the end forward (elbow), -1 if backward (knee).
    """
    distance = np.linalg.norm(target, axis=0)
    reach = [np.sqrt(first**2 + second**2 + 2 * first * second * np.cos(b)) for b in (_MAX_BEND, _MIN_BEND)]
    towards = target / np.maximum(distance, 1e-6)
    distance = np.clip(distance, *reach)
    pole = pole - (pole * towards).sum(axis=0) * towards
    pole = pole / np.maximum(np.linalg.norm(pole, axis=0), 1e-6)
    cos = (first**2 + distance**2 - second**2) / (2 * first * distance)
    sin = np.sqrt(np.maximum(1 - cos**2, 0))
    y = -(cos * towards + sin * pole)
    z = bend_sign * (sin * towards - cos * pole)
    bend = np.arccos(np.clip((distance**2 - first**2 - second**2) / (2 * first * second), -1, 1))
    return np.stack([np.cross(y, z, axis=0), y, z]), bend


def _into(columns: np.ndarray, vector: np.ndarray) -> np.ndarray:
    """Vector [3, ...] in the axes of a rotation by columns: the transpose times the vector."""
    return (columns * vector[None]).sum(axis=1)


def _euler_xzy(columns: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Angles (x, z, y) of ``R = R_x R_z R_y``."""
    x = np.arctan2(columns[1, 2], columns[1, 1])
    z = np.arcsin(np.clip(-columns[1, 0], -1, 1))
    y = np.arctan2(columns[2, 0], columns[0, 0])
    return x, z, y
