"""Motion captures in BVH files: reading, and forward kinematics."""

from __future__ import annotations

import os
import re
import warnings
from dataclasses import dataclass

import numpy as np

from mmactrep.files import BadFileError, read_text, reading, reason, shown

from .bvh_hierarchy import BvhHierarchy, BvhWords
from .errors import BvhError

_MAX_BYTES = 1 << 28
# Frame times in seconds. A larger one is a frame rate in the wrong place.
_FRAME_TIMES = (1e-4, 1.0)
_TIMING = re.compile(r'\s*Frames\s*:\s*(\S+)\s+Frame\s+Time\s*:\s*(\S+)', re.IGNORECASE)


@dataclass(frozen=True, eq=False)
class Capture:
    """A motion capture: a tree of joints, and its rotations over time.

    Args:
        names: J joint names as in the file; the end sites of a chain are named after their parents, with
            ``_end``.
        parents: (J,) index of every joint's parent, -1 for the root; parents come before their children.
        offsets: (J, 3) from the parent to the joint in the rest pose, in the file's unit.
        rotations: (T, J, 3, 3) local rotations, child to parent.
        translations: (T, J, 3) from the parent to the joint: the offset, or the file's position channels
            instead; for the root its path.
        fps: Frames per second.
    """

    names: tuple[str, ...]
    parents: np.ndarray
    offsets: np.ndarray
    rotations: np.ndarray
    translations: np.ndarray
    fps: float

    def __len__(self) -> int:
        return len(self.rotations)

    def positions(self) -> np.ndarray:
        """(T, J, 3) world positions of all joints, in the file's unit."""
        return joint_transforms(self.rotations, self.translations, self.parents)[0]


def joint_transforms(
    rotations: np.ndarray, translations: np.ndarray, parents: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Positions and orientations of the joints of a tree.

    Args:
        rotations: (T, J, 3, 3) local rotations.
        translations: (T, J, 3) or (1, J, 3) from parents to joints.
        parents: (J,) index of every joint's parent, smaller than its own; -1 for the root.

    Returns:
        (T, J, 3) positions and (T, J, 3, 3) orientations in world coordinates.
    """
    positions = np.empty((*rotations.shape[:2], 3))
    orientations = np.empty(rotations.shape)
    translations = np.broadcast_to(translations, positions.shape)
    for joint, parent in enumerate(parents):
        if parent < 0:
            positions[:, joint] = translations[:, joint]
            orientations[:, joint] = rotations[:, joint]
            continue
        turned = orientations[:, parent] @ translations[:, joint, :, None]
        positions[:, joint] = positions[:, parent] + turned[..., 0]
        orientations[:, joint] = orientations[:, parent] @ rotations[:, joint]
    return positions, orientations


def read_bvh(path: str | os.PathLike) -> Capture:
    """Read a BVH file: any number and order of channels, angles in degrees, keywords in upper or lower case.

    Rotations are applied in the order of the channels, each about the axes rotated by those before it. If
    there are several roots (a person and a prop) the first is read, and a warning names the others; the
    frames contain the channels of all roots, or only those of the first.

    Raises:
        BvhError: If the file is foreign, truncated or inconsistent.
        FileNotFoundError: If there is no such file.
    """
    try:
        text = read_text(path, _MAX_BYTES)
    except BadFileError as error:
        if isinstance(error.__cause__, UnicodeDecodeError):
            raise BvhError(f'{path}: expected a BVH file, found no text: {error.__cause__}') from error
        raise BvhError(str(error)) from error
    with reading(path, 'a BVH file', BvhError):
        words = BvhWords(path, text)
        words.expect('HIERARCHY')
        words.expect('ROOT')
        hierarchy = BvhHierarchy(path)
        hierarchy.read_tree(words)
        others = []
        while words.expect('MOTION', 'ROOT') == 'root':
            others.append(BvhHierarchy(path))
            others[-1].read_tree(words)
        frames, frame_time, values = _read_motion(path, text[words.end :])
        values = _columns(path, values, frames, hierarchy, others)
        rotations, translations = hierarchy.pose(values)
    return Capture(
        tuple(hierarchy.names),
        np.array(hierarchy.parents),
        np.array(hierarchy.offsets),
        rotations,
        translations,
        1 / frame_time,
    )


def _read_motion(path: str | os.PathLike, text: str) -> tuple[int, float, np.ndarray]:
    timing = _TIMING.match(text)
    if timing is None:
        raise BvhError(
            f"{path}: expected 'Frames: N', 'Frame Time: S' and numbers after MOTION, found "
            f'{shown(text[:80].strip(), 40)}'
        )
    try:
        frames, frame_time = int(timing[1]), float(timing[2])
        lines = text[timing.end() :].splitlines()
        rows = [np.array(line.split(), np.float64) for line in lines if line and not line.isspace()]
    except ValueError as error:
        raise BvhError(f'{path}: expected numbers after MOTION: {reason(error)}') from error
    if frames < 1 or not 0 < frame_time < np.inf:
        raise BvhError(f'{path}: expected frames, and a time between them, found {frames} and {frame_time}')
    low, high = _FRAME_TIMES
    if not low <= frame_time <= high:
        hint = '; is it the number of frames per second?' if frame_time > high else ''
        raise BvhError(
            f'{path}: expected a frame time from {low:g} to {high:g} s, found {frame_time:g}{hint}'
        )
    values = np.concatenate(rows) if rows else np.empty(0)
    if not np.isfinite(values).all():
        raise BvhError(f'{path}: contains numbers that are not finite')
    return frames, frame_time, values


def _columns(
    path: str | os.PathLike, values: np.ndarray, frames: int, first: BvhHierarchy, others: list[BvhHierarchy]
) -> np.ndarray:
    """(frames, channels) values of the first root, which precede those of the others."""
    own = first.num_channels
    total = own + sum(other.num_channels for other in others)
    if others:
        names = ', '.join(shown(other.names[0], 40) for other in others)
        warnings.warn(
            f"{path}: has {1 + len(others)} roots; '{first.names[0]}' is read, {names} skipped", stacklevel=3
        )
    for channels in (total, own):
        if values.size == frames * channels:
            return values.reshape(frames, channels)[:, :own]
    raise BvhError(
        f'{path}: expected {frames} frames of {total} numbers, {frames * total} in all, found '
        f'{values.size}; is the file truncated?'
    )
