"""One motion on other bodies: forward kinematics with the same rotations but other bone lengths.

Characters are those of :mod:`mmactrep.motion.procedural`: bones of the procedural body, meters. A capture
is put on a character by giving the capture's own skeleton the character's proportions, so that a character
has the same body whether it performs a capture or a procedural motion.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from mmactrep.files import MAX_ARRAY_BYTES

from .body import BODY
from .bvh import Capture, joint_transforms
from .errors import MotionError
from .joint_names import LIMB_JOINTS, find_joints
from .library_layout import LIBRARY_LAYOUT
from .rest_pose import rested_in_first_frame, rooted_where_it_moves

_SIDES = ('left', 'right')
_ATTACHED_TO_HEAD = ('head', 'nose')


def resample(capture: Capture, fps: float, where: str = 'capture') -> Capture:
    """The same motion at another frame rate; rotations take the shortest path between two frames.

    Args:
        capture: The motion.
        fps: Frames per second of the result.
        where: What to name in an error.

    Returns:
        A capture that begins where the old one does and ends at most one frame earlier.

    Raises:
        MotionError: If there would be more frames than fit into memory.
    """
    from scipy.spatial.transform import Rotation, Slerp

    if len(capture) == 1 or np.isclose(fps, capture.fps):
        return capture
    old = np.arange(len(capture)) / capture.fps
    frames = int(np.floor(old[-1] * fps + 1e-6)) + 1
    if 9 * 8 * frames * len(capture.names) > MAX_ARRAY_BYTES:
        raise MotionError(f'{where}: {frames} frames at {fps:g} per second do not fit into memory')
    new = np.arange(frames) / fps
    new = np.minimum(new, old[-1])
    rotations = [
        Slerp(old, Rotation.from_matrix(capture.rotations[:, joint]))(new).as_matrix()
        for joint in range(len(capture.names))
    ]
    after = np.clip(np.searchsorted(old, new, side='right'), 1, len(old) - 1)
    weight = ((new - old[after - 1]) * capture.fps)[:, None, None]
    translations = capture.translations[after - 1] * (1 - weight) + capture.translations[after] * weight
    return Capture(
        capture.names, capture.parents, capture.offsets, np.stack(rotations, axis=1), translations, fps
    )


class CaptureRetargeter:
    """Puts a capture on characters.

    The capture's skeleton takes on these proportions of a character: thighs, shins, upper arms and forearms;
    the positions of head and nose relative to the neck; the median widths of hips and shoulders over the
    motion's frames, since captures move these joints too; the distance from mid-hip to neck in the rest
    pose. Every other bone and the root's path are scaled like the legs. The motion is turned to face +z in
    its first frame.

    Args:
        capture: The motion. If its rest pose (all rotations 0) does not stand upright, as in files whose
            bones lie along their joints' own axes, the first frame is used instead and must stand.
        mapping: Maps the file's joint names to those of mmactrep; default: the known conventions.
        where: What to name in an error.

    Raises:
        MotionError: If joints are missing, two of them coincide in the rest pose, or neither the rest pose
            nor the first frame stands.
    """

    def __init__(
        self, capture: Capture, mapping: Mapping[str, str] | None = None, where: str = 'capture'
    ) -> None:
        capture, self.where = rooted_where_it_moves(capture), where
        self.joints = find_joints(capture.names, mapping, where)
        offsets = capture.offsets.copy()
        offsets[capture.parents < 0] = 0
        # Constant position channels, which Mixamo's exports have on every joint, are the true offsets.
        moved = np.ptp(capture.translations, axis=0).max(axis=-1) < 1e-6
        own = moved & (capture.parents >= 0)
        offsets[own] = capture.translations[0, own]
        self.capture, self.offsets = capture, offsets
        self.rest = self._rest_positions(offsets)
        if not self._stands():
            # bones along their own axes, as in some exports: the first frame is used instead
            posed = capture.positions()[0]
            self.capture, self.offsets = rested_in_first_frame(capture, offsets, self._turn_to_axes(posed))
            self.rest = self._rest_positions(self.offsets)
        self.axes = self._body_axes()
        capture, offsets = self.capture, self.offsets
        translations = np.broadcast_to(offsets, (len(capture), *offsets.shape))
        self._posed = joint_transforms(capture.rotations, translations, capture.parents)[0]
        self._turn = None

    def _rest_positions(self, offsets: np.ndarray) -> np.ndarray:
        unit = np.broadcast_to(np.eye(3), (1, len(offsets), 3, 3))
        return joint_transforms(unit, offsets[None], self.capture.parents)[0][0]

    def _directions(self, positions: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Left, up and ankles-to-hips directions of a body with joints at (J, 3)."""
        at = {joint: positions[i] for joint, i in self.joints.items()}
        left = at['left_hip'] - at['right_hip'] + at['left_shoulder'] - at['right_shoulder']
        up = _middle(at, 'shoulder') - _middle(at, 'hip')
        return left, up, _middle(at, 'hip') - _middle(at, 'ankle')

    def _stands(self) -> bool:
        left, up, legs = self._directions(self.rest)
        left, up = _snap(left), _snap(up)
        return bool(up @ legs > 0.5 * np.linalg.norm(legs) and left @ up == 0)

    def _turn_to_axes(self, positions: np.ndarray) -> np.ndarray:
        """Rotation (3, 3) about the vertical that brings a body's left to the nearest axis."""
        from scipy.spatial.transform import Rotation

        left, up, _ = self._directions(positions)
        up = _snap(up)
        left = left - (left @ up) * up
        target = _snap(left)
        angle = np.arctan2(np.cross(left, target) @ up, left @ target)
        return Rotation.from_rotvec(angle * up).as_matrix()

    def _body_axes(self) -> np.ndarray:
        """The body's left, up and forward in the file's axes: the columns of a rotation (3, 3)."""
        left, up, legs = self._directions(self.rest)
        # Rest poses are drawn along the axes; snapping removes the leaning of a spine.
        left, up = _snap(left), _snap(up)
        if not self._stands():
            raise MotionError(
                f'{self.where}: expected a rest pose that stands, legs below the trunk; found hips to '
                f'shoulders along {up.tolist()} and ankles to hips along {np.round(legs, 3).tolist()}'
            )
        return np.stack([left, up, np.cross(left, up)], axis=1)

    def offsets_for(self, character: np.ndarray) -> tuple[np.ndarray, float]:
        """Bones of the capture's skeleton with a character's proportions.

        Args:
            character: (J, 3) bones of the procedural body, meters.

        Returns:
            (joints of the capture, 3) offsets in meters, and meters per unit of the file (by the legs).
        """
        target = {joint: character[BODY.index(joint)] for joint in BODY.joints}
        length = {joint: float(np.linalg.norm(offset)) for joint, offset in target.items()}
        legs = sum(length[f'{side}_{joint}'] for side in _SIDES for joint in ('knee', 'ankle'))
        own_legs = sum(
            self._rest_length(f'{side}_{child}', f'{side}_{parent}')
            for side in _SIDES
            for child, parent in (('knee', 'hip'), ('ankle', 'knee'))
        )
        unit = legs / own_legs
        offsets = self.offsets * unit
        for side in _SIDES:
            for parent, child in zip(LIMB_JOINTS[:2] + LIMB_JOINTS[3:5], LIMB_JOINTS[1:3] + LIMB_JOINTS[4:]):
                chain = self._chain(f'{side}_{parent}', f'{side}_{child}')
                factor = length[f'{side}_{child}'] / self._rest_length(f'{side}_{child}', f'{side}_{parent}')
                offsets[chain] = self.offsets[chain] * factor
        waist, chest = self._common('left_hip', 'right_hip'), self._common('left_shoulder', 'right_shoulder')
        for pair, top in (('hip', waist), ('shoulder', chest)):
            wide = length[f'left_{pair}'] + length[f'right_{pair}']
            factor = wide / self._width(f'left_{pair}', f'right_{pair}')
            for side in _SIDES:
                chain = self._path(top, self.joints[f'{side}_{pair}'])
                offsets[chain] = self.offsets[chain] * factor
        self._fit_trunk(offsets, waist, chest, length['chest'] + length['neck'])
        return offsets, unit

    def _fit_trunk(self, offsets: np.ndarray, waist: int, chest: int, wanted: float) -> None:
        """Scale the spine so that mid-hip to neck is ``wanted`` long: solves |a + k b| = wanted for k."""
        top = self._common_of(waist, chest)
        up, down = self._path(top, chest), self._path(top, waist)
        spine = offsets[up].sum(axis=0) - offsets[down].sum(axis=0)
        ends = sum(
            sign * offsets[self._path(start, self.joints[f'{side}_{joint}'])].sum(axis=0) / 2
            for sign, start, joint in ((1, chest, 'shoulder'), (-1, waist, 'hip'))
            for side in _SIDES
        )
        a, b, c = spine @ spine, 2 * spine @ ends, ends @ ends - wanted**2
        root = b * b - 4 * a * c
        if a == 0 or root < 0 or (factor := (-b + np.sqrt(root)) / (2 * a)) <= 0:
            raise MotionError(f'{self.where}: no length of the spine gives a trunk of {wanted:.3f} m')
        offsets[up + down] *= factor

    def __call__(self, character: np.ndarray) -> np.ndarray:
        """The motion on a character.

        Args:
            character: (J, 3) bones of the procedural body, meters.

        Returns:
            (T, 17, 3) float32, joints of ``LIBRARY_LAYOUT``, meters; y up, x to the left of a body facing +z.
        """
        capture = self.capture
        offsets, unit = self.offsets_for(character)
        translations = np.broadcast_to(offsets, (len(capture), *offsets.shape)).copy()
        translations[:, 0] = capture.translations[:, 0] * unit
        positions, turned = joint_transforms(capture.rotations, translations, capture.parents)
        # The file's rest pose has the orientation ``axes``: relative to it, the body's own axes.
        head = self.axes.T @ turned[:, self.joints['head']] @ self.axes
        at = {joint: positions[:, i] @ self.axes for joint, i in self.joints.items()}
        at |= {'neck': _middle(at, 'shoulder'), 'mid_hip': _middle(at, 'hip')}
        at['chest'] = (at['neck'] + at['mid_hip']) / 2
        for joint in _ATTACHED_TO_HEAD:
            at[joint] = at['neck'] + head @ character[BODY.index(joint)]
        stacked = np.stack([at[joint] for joint in LIBRARY_LAYOUT.joints], axis=1)
        return (stacked @ self._facing(at)).astype(np.float32)

    def on_own_body(self, unit: float) -> np.ndarray:
        """The motion on the file's own body; its heading is unchanged.

        The head is the end of the chain (its top, if the file has an end site there). Files have no
        nose: it is put half-way up the head, and in front of it by half the head's height.

        Args:
            unit: Meters per unit of the file.

        Returns:
            (T, 17, 3) float32 as from calling.
        """
        capture = self.capture
        positions, turned = joint_transforms(capture.rotations, capture.translations, capture.parents)
        at = {joint: positions[:, i] @ self.axes * unit for joint, i in self.joints.items()}
        head = self.joints['head']
        ends = np.flatnonzero(capture.parents == head)
        base, top = at['head'], at['head']
        if len(ends):
            top = positions[:, ends[0]] @ self.axes * unit
        ahead = (self.axes.T @ turned[:, head] @ self.axes)[..., 2]
        half = np.linalg.norm(top - base, axis=-1, keepdims=True) / 2
        at |= {'neck': _middle(at, 'shoulder'), 'mid_hip': _middle(at, 'hip')}
        at |= {
            'chest': (at['neck'] + at['mid_hip']) / 2,
            'head': top,
            'nose': (base + top) / 2 + half * ahead,
        }
        return np.stack([at[joint] for joint in LIBRARY_LAYOUT.joints], axis=1).astype(np.float32)

    def _facing(self, at: Mapping[str, np.ndarray]) -> np.ndarray:
        """Rotation about the vertical, for row vectors, that turns the first frame to +z.

        The first character's rotation is used for all, since the widths of hips and shoulders affect it.
        """
        from scipy.spatial.transform import Rotation

        if self._turn is None:
            left = at['left_hip'][0] - at['right_hip'][0] + at['left_shoulder'][0] - at['right_shoulder'][0]
            heading = np.arctan2(-left[2], left[0])
            self._turn = Rotation.from_euler('y', heading).as_matrix()
        return self._turn

    def _rest_length(self, child: str, parent: str) -> float:
        length = float(np.linalg.norm(self.rest[self.joints[child]] - self.rest[self.joints[parent]]))
        if length == 0:
            raise MotionError(f'{self.where}: {parent} and {child} coincide in the rest pose')
        return length

    def _width(self, left: str, right: str) -> float:
        apart = self._posed[:, self.joints[left]] - self._posed[:, self.joints[right]]
        width = float(np.median(np.linalg.norm(apart, axis=-1)))
        if width == 0:
            raise MotionError(f'{self.where}: {left} and {right} coincide')
        return width

    def _ancestors(self, joint: int) -> list[int]:
        """The joint and those above it, up to the root."""
        line = [joint]
        while (joint := int(self.capture.parents[joint])) >= 0:
            line.append(joint)
        return line

    def _common_of(self, first: int, second: int) -> int:
        above = self._ancestors(first)
        return next(joint for joint in self._ancestors(second) if joint in above)

    def _common(self, first: str, second: str) -> int:
        return self._common_of(self.joints[first], self.joints[second])

    def _path(self, top: int, joint: int) -> list[int]:
        """Joints below ``top`` down to ``joint``."""
        line = self._ancestors(joint)
        return line[: line.index(top)]

    def _chain(self, parent: str, child: str) -> list[int]:
        top, bottom = self.joints[parent], self.joints[child]
        if top not in self._ancestors(bottom):
            raise MotionError(f'{self.where}: {child} does not hang on {parent}')
        return self._path(top, bottom)


def _middle(at: Mapping[str, np.ndarray], joint: str) -> np.ndarray:
    return (at[f'left_{joint}'] + at[f'right_{joint}']) / 2


def _snap(direction: np.ndarray) -> np.ndarray:
    """The nearest of the six axis directions."""
    axis = np.argmax(np.abs(direction))
    out = np.zeros(3)
    out[axis] = np.sign(direction[axis])
    return out
