"""What a converter is made of: clips to read, how to read one, and what the store says about them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from mmactrep.structures import SkeletonLayout


@dataclass
class Clip:
    """One clip as a reader hands it over.

    Args:
        keypoint: (M, T, V, C) coordinates: pixels in 2D, metres in 3D unless the converter says otherwise.
        score: (M, T, V) confidences, 0 where a joint is missing. Default: 1 where a coordinate is not 0.
        label: Index into the conversion's classes.
        img_shape: (height, width) in pixels; (0, 0) where there is no image plane.
        fps: Frames per second, 0 where unknown.
        segments: Dense annotation as (class, start, end), end exclusive, in frames.
    """

    keypoint: np.ndarray
    score: np.ndarray | None = None
    label: int = 0
    img_shape: tuple[int, int] = (0, 0)
    fps: float = 0.0
    segments: Sequence[tuple[int, int, int]] = ()


@dataclass(frozen=True)
class Job:
    """A clip that is still to be read.

    Args:
        clip_id: Name of the clip in the store.
        source: What the conversion's ``read`` takes: the file's path, a tuple that begins with it, or else.
            Small, because all jobs are known before the first clip is read, and travel to worker processes.
        splits: Names of the splits that the clip belongs to.
    """

    clip_id: str
    source: Any
    splits: tuple[str, ...] = ()

    @property
    def origin(self) -> str:
        """Where the clip comes from, for messages: its file if ``source`` is or begins with one."""
        first = self.source[0] if isinstance(self.source, tuple) else self.source
        return str(first) if isinstance(first, (str, Path)) else self.clip_id


@dataclass(frozen=True)
class Conversion:
    """A whole data set that waits to be written into a store.

    Args:
        name: Name of the data set, for messages.
        folder: Name of the store's folder unless the user gives another.
        layout: Joint layout of the clips that ``read`` gives.
        classes: Class names, in the order of the labels.
        num_channels: 2 or 3 coordinates a joint.
        jobs: All clips, in the order of the store.
        read: Reads ``Job.source`` into a :class:`Clip`, and raises ``BadClipError`` for a clip that cannot be
            used. A module-level function, or ``functools.partial`` of one, so that it can be pickled.
        splits: Names of all splits, so that one without a clip is written (empty) too.
        with_score: Keep scores in the store. Without, a joint is missing where its coordinates are 0.
        attributes: What the store shall say of itself; plain JSON values.
        notes: What the user should know of the clips found, a sentence each.
    """

    name: str
    folder: str
    layout: SkeletonLayout
    classes: Sequence[str]
    num_channels: int
    jobs: Sequence[Job]
    read: Callable[[Any], Clip]
    splits: Sequence[str] = ()
    with_score: bool = True
    attributes: Mapping[str, Any] = field(default_factory=dict)
    notes: Sequence[str] = ()


def class_names(count: int) -> list[str]:
    """Names for classes whose names are not known: ``class_000``, ``class_001``, ..."""
    return [f'class_{label:03d}' for label in range(count)]


def read_class_file(path: str | Path) -> list[str]:
    """Class names from a text file with one a line, in the order of the labels.

    Raises:
        ValueError: If the file is empty or a name repeats.
    """
    names = [line.strip() for line in Path(path).read_text(encoding='utf-8').splitlines()]
    names = [name for name in names if name]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if not names:
        raise ValueError(f'{path}: expected one class name a line, found none')
    if repeated:
        raise ValueError(f'{path}: class names must be unique, found {repeated} repeated')
    return names
