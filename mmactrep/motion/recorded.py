"""Joint positions that a depth sensor recorded, as motions of a library.

Sensors deliver positions, not rotations: bones change their length, joints jump, sides may be exchanged. Here
a recording is cut where it cannot be trusted, smoothed, and put on a body of known bones.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np

from mmactrep.store.format import StoreError
from mmactrep.store.reader import SkeletonStore
from mmactrep.structures import SkeletonLayout
from mmactrep.structures.joint_mapping import build_mapping

from .body import BODY, REST_OFFSETS
from .errors import MotionError
from .library import MotionClip, mean_leg_length
from .library_layout import LIBRARY_LAYOUT, to_library_layout

RECORDED = 'recorded'
"""First part of the class names of recorded motions: ``recorded/<data set>/<class>``."""

_SIDES = ('left', 'right')
_LIMBS = (('elbow', 'shoulder'), ('wrist', 'elbow'), ('knee', 'hip'), ('ankle', 'knee'))
#: Joints that library bodies have between the joints of both sides, whatever a sensor calls so.
_BETWEEN = ('neck', 'mid_hip', 'chest')

_BONE_LENGTHS = (0.5, 1.5)  # of the clip's median; Kinect's forearms vary by a third in fast movement
_FASTEST = 12.0  # m/s; hands of people who throw or hit reach ten
_LONGEST_GAP = 0.2  # seconds that are interpolated
_SHORTEST_RUN = 0.5  # seconds worth keeping
_FEWEST = 5  # frames of a window of the smoothing
_SMOOTHED = 0.23  # seconds in a window of the smoothing, which fits parabolas
_BENT = 0.9  # a leg is bent if hip and ankle are nearer than this share of thigh and shin


def sound_frames(positions: np.ndarray, seen: np.ndarray, fps: float, layout: SkeletonLayout) -> np.ndarray:
    """Which frames of a recording can be trusted.

    A frame is refused if a joint is missing, if an upper arm, forearm, thigh, shin or the trunk has less than
    half or more than one and a half times its median length in the recording, or if a joint comes from or
    goes to the next frame faster than 12 m/s.

    Args:
        positions: (T, V, 3) meters.
        seen: (T, V) whether each joint was seen.
        fps: Frames per second.
        layout: Layout with shoulders, hips, arms and legs.

    Returns:
        (T,) bool.
    """
    good = seen.all(axis=-1)
    if not good.any():
        return good

    def middle(joint: str) -> np.ndarray:
        return positions[:, layout.indices([f'{side}_{joint}' for side in _SIDES])].mean(axis=1)

    bones = [
        positions[:, layout.index(f'{side}_{end}')] - positions[:, layout.index(f'{side}_{start}')]
        for side in _SIDES
        for end, start in _LIMBS
    ]
    lengths = np.linalg.norm(np.stack([*bones, middle('shoulder') - middle('hip')]), axis=-1)
    share = lengths / np.maximum(np.median(lengths[:, good], axis=1, keepdims=True), 1e-6)
    low, high = _BONE_LENGTHS
    good &= ((share >= low) & (share <= high)).all(axis=0)
    # only between frames that are sound so far: a missing joint lies at the origin
    jumps = np.linalg.norm(np.diff(positions, axis=0), axis=-1).max(axis=-1, initial=0) * fps > _FASTEST
    jumps &= good[1:] & good[:-1]
    good[1:] &= ~jumps
    good[:-1] &= ~jumps
    return good


def sound_runs(good: np.ndarray, fps: float) -> list[tuple[int, int]]:
    """Stretches of frames worth keeping, (first, end), end exclusive.

    Gaps of up to 0.2 s belong to the run around them; runs of less than 0.5 s, or five frames, are dropped.

    Args:
        good: (T,) which frames can be trusted.
        fps: Frames per second.
    """
    frames = np.flatnonzero(good)
    if not len(frames):
        return []
    cuts = np.flatnonzero(np.diff(frames) - 1 > _LONGEST_GAP * fps)
    firsts, lasts = frames[np.r_[0, cuts + 1]], frames[np.r_[cuts, len(frames) - 1]]
    return [(int(a), int(b) + 1) for a, b in zip(firsts, lasts) if b + 1 - a >= _shortest(fps)]


def _shortest(fps: float) -> float:
    return max(_SHORTEST_RUN * fps, _FEWEST)


def smooth(positions: np.ndarray, good: np.ndarray, fps: float, new_fps: float) -> np.ndarray:
    """A run without its gaps and most of its noise, at another frame rate.

    Gaps are interpolated linearly. Then every coordinate is smoothed by parabolas over 0.23 s, five frames at
    least (Savitzky and Golay), and read between frames by a cubic spline.

    Args:
        positions: (T, V, 3) run of five frames or more.
        good: (T,) which frames can be trusted; the first and last can.
        fps: Frames per second.
        new_fps: Frames per second of the result.

    Returns:
        (T', V, 3) float64, of the same duration to within one frame.
    """
    from scipy.interpolate import CubicSpline
    from scipy.signal import savgol_filter

    times = np.arange(len(positions))
    flat = positions.reshape(len(positions), -1).astype(np.float64)
    flat = np.stack([np.interp(times, times[good], column[good]) for column in flat.T], axis=1)
    window = max(_FEWEST, int(_SMOOTHED * fps) // 2 * 2 + 1)
    flat = savgol_filter(flat, min(window, (len(flat) - 1) // 2 * 2 + 1), 2, axis=0)
    if not np.isclose(fps, new_fps):
        frames = int(np.floor(times[-1] * new_fps / fps + 1e-6)) + 1
        flat = CubicSpline(times, flat)(np.minimum(np.arange(frames) * fps / new_fps, times[-1]))
    return flat.reshape(len(flat), *positions.shape[1:])


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


class RecordingSource(NamedTuple):
    """A store of recordings.

    Attributes:
        root: Folder of the store, 3D, y up.
        split: Its split; default: the only one whose name ends with ``train``.
        fps: Frames per second of clips that do not tell their own.
    """

    root: str
    split: str | None = None
    fps: float | None = None

    @classmethod
    def parse(cls, text: str) -> RecordingSource:
        """From ``STORE``, ``STORE::SPLIT`` or ``STORE::SPLIT::FPS``; an empty split is the default.

        Raises:
            MotionError: If it has another form.
        """
        root, *rest = text.split('::')
        try:
            fps = float(rest[1]) if len(rest) == 2 else None
        except ValueError:
            fps = -1.0
        if not root or len(rest) > 2 or (fps is not None and not 0 < fps <= 1000):
            raise MotionError(f"expected STORE[::SPLIT[::FPS]], found '{text}'")
        return cls(root, (rest[0] or None) if rest else None, fps)


@dataclass(eq=False)
class Recordings:
    """The clips of a split of a store as motions of a library.

    Args:
        source: The store.

    Attributes:
        whole: Names of the motions that are whole clips. This and the following are filled by
            :meth:`motions`.
        cut: Maps clips that were cut to the frames that were left out, and all of their frames.
        left_out: Maps clips without a usable run to the reason.

    Raises:
        StoreError: If there is no such store or split, or it is not 3D.
    """

    source: RecordingSource
    whole: list[str] = field(default_factory=list)
    cut: dict[str, tuple[int, int]] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)

    @cached_property
    def store(self) -> SkeletonStore:
        """The store."""
        store = SkeletonStore(self.source.root)
        if store.num_channels != 3:
            raise StoreError(f'{store.root}: expected 3D clips, found {store.num_channels}D')
        return store

    @cached_property
    def split(self) -> str:
        """Name of the split."""
        if self.source.split is not None:
            return self.source.split
        names = [name for name in self.store.split_names if name.endswith('train')]
        chosen = names if len(names) == 1 else [name for name in names if name in ('train', 'xsub_train')]
        if len(chosen) != 1:
            raise StoreError(
                f'{self.store.root}: which split is for training? Name it as STORE::SPLIT; '
                f'there are {", ".join(self.store.split_names)}'
            )
        return chosen[0]

    @cached_property
    def name(self) -> str:
        """Name of the data set: letters, digits and underscores."""
        said = str(self.store.attributes.get('source') or Path(self.source.root).resolve().name)
        return re.sub(r'\W+', '_', said.lower()).strip('_') or 'store'

    @cached_property
    def rows(self) -> np.ndarray:
        """Rows of the clips."""
        return self.store.split(self.split)

    def label(self, row: int) -> str:
        """Class of the clip in a row, as the library names it."""
        label = int(self.store.labels[row])
        return '/'.join([RECORDED, self.name, *([self.store.classes[label]] if label >= 0 else [])])

    @property
    def classes(self) -> list[str]:
        """Class names of the motions."""
        return list(dict.fromkeys(self.label(int(row)) for row in np.sort(self.rows)))

    def motions(self, bones: np.ndarray, fps: float) -> Iterator[MotionClip]:
        """The motions on characters; a person of a clip is a motion, or several if it is cut.

        Args:
            bones: (N, J, 3) bones of the characters, meters.
            fps: Frames per second of the library.

        Raises:
            MotionError: If a clip has no frame rate, joints are lacking, or bodies do not stand or are
                mirrored, see :func:`check_posture`.
        """
        for told in (self.whole, self.cut, self.left_out):
            told.clear()
        self._check_posture()
        for row in map(int, self.rows):
            clip = self.store[row]
            persons = np.flatnonzero((clip['keypoint_score'] > 0).any(axis=(1, 2)))
            name = f'{self.name}_{clip["frame_dir"]}'.replace('/', '_')
            for person in persons:
                one = name if len(persons) == 1 else f'{name}_p{person}'
                for part, joints in self._runs(clip, person, one, fps):
                    yield MotionClip(part, self.label(row), [on_body(joints, body) for body in bones])

    def _runs(self, clip: dict, person: int, name: str, fps: float) -> Iterator[tuple[str, np.ndarray]]:
        """Names and joints (T, 17, 3) of the usable runs of a person."""
        own = self._fps(clip)
        positions, seen = clip['keypoint'][person], clip['keypoint_score'][person] > 0
        good = sound_frames(positions, seen, own, self.store.layout)
        runs = sound_runs(good, own)
        kept = sum(last - first for first, last in runs)
        if not runs:
            short = len(good) < _shortest(own)
            self.left_out[name] = (
                f'{len(good)} frames are too few'
                if short
                else f'{len(good) - int(good.sum())} of {len(good)} frames have missing or jumping joints'
            )
        elif kept == len(good):
            self.whole.append(name)
        else:
            self.cut[name] = (len(good) - kept, len(good))
        for number, (first, last) in enumerate(runs):
            smoothed = smooth(positions[first:last], good[first:last], own, fps)
            part = name if len(runs) == 1 else f'{name}_{number}'
            yield part, library_joints(smoothed, self.store.layout)

    def _fps(self, clip: dict) -> float:
        fps = clip['fps'] or self.source.fps
        if not fps:
            raise MotionError(
                f"{self.store.root}: clip '{clip['frame_dir']}' does not tell its frame rate; give it as "
                'STORE::SPLIT::FPS'
            )
        return float(fps)

    def _check_posture(self, clips: int = 200) -> None:
        chosen = self.rows[:: max(1, len(self.rows) // clips)]
        recordings = []
        for row in map(int, chosen):
            clip = self.store[row]
            seen = (clip['keypoint_score'] > 0).all(axis=-1)
            recordings.append(clip['keypoint'][seen].astype(np.float64))
        if sum(map(len, recordings)):
            check_posture(recordings, self.store.layout, str(self.store.root))

    def report(self) -> str:
        """What became of the clips, for a command line."""
        lost = sum(gone for gone, _ in self.cut.values())
        lines = [
            f"{self.source.root}: {len(self.rows)} clips of split '{self.split}', "
            f'{len(self.whole)} used whole, '
            f'{len(self.cut)} cut where joints are missing or jump ({lost} frames), '
            f'{len(self.left_out)} left out'
        ]
        lines += [f'  left out {name}: {reason}' for name, reason in list(self.left_out.items())[:10]]
        if len(self.left_out) > 10:
            lines.append(f'  and {len(self.left_out) - 10} more')
        return '\n'.join(lines)
