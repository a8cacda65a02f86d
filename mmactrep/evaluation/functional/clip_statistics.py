"""Numbers that tell clips of one kind from clips of another: extent, movement, smoothness, gaps, path."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mmactrep.structures import SkeletonLayout, get_layout, seen_joints


class ClipStatistics(NamedTuple):
    """Statistics of a clip; of several persons, their means. ``nan`` where nothing defines a number.

    Movement, change and path are shares of the person's size, the root mean square of the joints'
    coordinates relative to the root, so they do not depend on the unit.

    Attributes:
        extent: Longest side of the box around all persons and frames, in units of the coordinates.
        movement: Root mean square distance, coordinate by coordinate, of the joints relative to the root from
            their means over time.
        change: Root mean square change of these coordinates from frame to frame.
        roughness: Root mean square of the change of the change, as a share of ``change``: near 0 for a smooth
            curve, sqrt(3) for noise that is independent in every frame.
        path: Length of the root's path.
        missing: Share of the joints of the persons present that are missing.
    """

    extent: float
    movement: float
    change: float
    roughness: float
    path: float
    missing: float


def clip_statistics(keypoint: np.ndarray, layout: str | SkeletonLayout) -> ClipStatistics:
    """Statistics of one clip.

    Args:
        keypoint: (M, T, V, C) coordinates, 0 where a joint or a person is missing.
        layout: Layout of the joints.

    Raises:
        ValueError: If the coordinates are not those of such a clip, or nobody is in it.
    """
    # torch is imported with it, which tools that only read scores do without
    from mmactrep.structures.motion_representation import motion_root

    layout = get_layout(layout)
    keypoint = np.asarray(keypoint, np.float64)
    if keypoint.ndim != 4 or keypoint.shape[2] != layout.num_joints:
        raise ValueError(
            f"expected a clip (M, T, {layout.num_joints}, C) of layout '{layout.name}', found "
            f'{keypoint.shape}'
        )
    seen = seen_joints(keypoint)
    present = seen.any(axis=(1, 2))
    if not present.any():
        raise ValueError('nobody is in the clip')
    keypoint = np.where(seen[..., None], keypoint, np.nan)[present]
    points = keypoint[~np.isnan(keypoint).any(axis=-1)]
    root = motion_root(layout)
    persons = [_of_person(person, root) for person in keypoint]
    return ClipStatistics(
        float((points.max(axis=0) - points.min(axis=0)).max()),
        *(_mean(values) for values in zip(*persons)),
        float(1 - seen[present].mean()),
    )


def median_statistics(clips: list[ClipStatistics]) -> ClipStatistics:
    """Medians over clips, number by number; those that are ``nan`` do not count."""
    return ClipStatistics(*(_median(values) for values in zip(*clips)))


def _of_person(keypoint: np.ndarray, root: int) -> tuple[float, float, float, float]:
    """Movement, change, roughness and path of a person (T, V, C), nan where a joint is missing."""
    relative = np.delete(keypoint - keypoint[:, [root]], root, axis=1)
    size = _rms(relative)
    if not size > 0:
        return (float('nan'),) * 4
    change = np.diff(relative, axis=0)
    rough = _rms(np.diff(change, axis=0))
    # a joint that is never seen has no mean; it adds nothing
    ever = ~np.isnan(relative).all(axis=(0, 2))
    moved = relative[:, ever] - np.nanmean(relative[:, ever], axis=0)
    # from one frame that shows the root to the next one that does
    path = keypoint[:, root]
    path = path[~np.isnan(path).any(axis=-1)]
    length = np.sqrt(np.square(np.diff(path, axis=0)).sum(axis=-1)).sum()
    smooth = _rms(change)
    return _rms(moved) / size, smooth / size, rough / smooth if smooth > 0 else float('nan'), length / size


def _rms(values: np.ndarray) -> float:
    values = values[~np.isnan(values)]
    return float(np.sqrt(np.square(values).mean())) if values.size else float('nan')


def _mean(values: tuple[float, ...]) -> float:
    known = [value for value in values if not np.isnan(value)]
    return float(np.mean(known)) if known else float('nan')


def _median(values: tuple[float, ...]) -> float:
    known = [value for value in values if not np.isnan(value)]
    return float(np.median(known)) if known else float('nan')
