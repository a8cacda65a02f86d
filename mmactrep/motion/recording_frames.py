"""Frames of a sensor's recording that can be trusted, and recordings without gaps and noise."""

from __future__ import annotations

import numpy as np

from mmactrep.structures import SkeletonLayout

_SIDES = ('left', 'right')
_LIMBS = (('elbow', 'shoulder'), ('wrist', 'elbow'), ('knee', 'hip'), ('ankle', 'knee'))
_BONE_LENGTHS = (0.5, 1.5)  # of the clip's median; Kinect's forearms vary by a third in fast movement
_FASTEST = 12.0  # m/s; hands of people who throw or hit reach ten
_LONGEST_GAP = 0.2  # seconds that are interpolated
_SHORTEST_RUN = 0.5  # seconds worth keeping
_FEWEST = 5  # frames of a window of the smoothing
_SMOOTHED = 0.23  # seconds in a window of the smoothing, which fits parabolas


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
    return [(int(a), int(b) + 1) for a, b in zip(firsts, lasts) if b + 1 - a >= shortest_run(fps)]


def shortest_run(fps: float) -> float:
    """Fewest frames of a run worth keeping."""
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
