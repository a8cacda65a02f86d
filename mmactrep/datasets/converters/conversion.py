"""What a converter is made of: clips to read, how to read one, and what the store says about them."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from mmactrep.errors import UserError
from mmactrep.files import BadFileError, read_text, shown
from mmactrep.store.format import BadClipError
from mmactrep.structures import SkeletonLayout

#: Most classes of a data set whose class names are not given: a label of 10^9 in a damaged file shall not
#: make as many names.
MAX_CLASSES = 10_000
#: Most persons in one frame, and frames of one clip: beyond them a file is taken for damaged.
MAX_PERSONS = 100
MAX_FRAMES = 1_000_000


class ConversionError(UserError, ValueError):
    """A data set, or arguments for it, that cannot be converted; the message says what was expected."""


@dataclass
class Clip:
    """One clip as a reader hands it over.

    Args:
        keypoint: (M, T, V, C) coordinates: pixels in 2D, meters in 3D unless the converter says otherwise.
        score: (M, T, V) confidences, 0 where a joint is missing. Default: 1 where a coordinate is not 0.
        label: Index into the conversion's classes; None for an untrimmed video.
        img_shape: (height, width) in pixels; (0, 0) where there is no image plane.
        fps: Frames per second, 0 where unknown.
        segments: Dense annotation as (class, start, end), end exclusive, in frames.
        note: What the user should know of this clip, for example what was cut.
    """

    keypoint: np.ndarray
    score: np.ndarray | None = None
    label: int | None = None
    img_shape: tuple[int, int] = (0, 0)
    fps: float = 0.0
    segments: Sequence[tuple[int, int, int]] = ()
    note: str = ''


@dataclass(frozen=True)
class Job:
    """A clip that is still to be read.

    Args:
        clip_id: Name of the clip in the store.
        source: What the conversion's ``read`` takes: the file's path, a tuple that begins with it, or else.
            Small, because all jobs are known before the first clip is read, and travel to worker processes.
        splits: Names of the splits that the clip belongs to.
        problem: Why the clip cannot be used, if that is known before it is read.
    """

    clip_id: str
    source: Any
    splits: tuple[str, ...] = ()
    problem: str = ''

    @property
    def origin(self) -> str:
        """Where the clip comes from, for messages: its file if ``source`` is or begins with one."""
        first = self.source[0] if isinstance(self.source, tuple) else self.source
        return str(first) if isinstance(first, (str, Path)) else self.clip_id


def bad_job(path: Path, problem: object) -> Job:
    """A file that is known to be of no use before it is read."""
    return Job(path.name, (str(path),), problem=f'{path}: {problem}')


@dataclass(frozen=True)
class Conversion:
    """A whole data set that waits to be written into a store.

    Args:
        name: Name of the data set, for messages.
        folder: Name of the store's folder unless the user gives another.
        layout: Joint layout of the clips that ``read`` gives.
        classes: Class names, in the order of the labels.
        num_channels: Coordinates of a joint, 2 or 3.
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


@contextlib.contextmanager
def clip_file() -> Iterator[None]:
    """Make a file that cannot be read a clip that cannot be used.

    Raises:
        BadClipError: In place of a ``BadFileError``, with its message.
    """
    try:
        yield
    except BadFileError as error:
        raise BadClipError(str(error)) from error


def class_names(count: int) -> list[str]:
    """Names for classes whose names are not known: ``class_000``, ``class_001``, ..."""
    return [f'class_{label:03d}' for label in range(count)]


def read_class_file(path: str | Path) -> list[str]:
    """Class names from a text file with one per line, in the order of the labels.

    Raises:
        FileNotFoundError: If there is no such file.
        ConversionError: If the file is empty or a name repeats.
        BadFileError: If it is no text in UTF-8.
    """
    names = [line.strip() for line in read_text(path).splitlines()]
    names = [name for name in names if name]
    repeated = sorted(name for name, count in Counter(names).items() if count > 1)
    if not names:
        raise ConversionError(f'{path}: expected one class name per line, found none')
    if repeated:
        raise ConversionError(f'{path}: class names must be unique, found {shown(repeated)} repeated')
    return names


def is_whole_number(value: Any, low: int, high: int) -> bool:
    """Whether a value of a foreign file is a whole number (no boolean) from ``low`` to ``high``."""
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def real_numbers(array: np.ndarray, where: str, finite: bool = False) -> np.ndarray:
    """An array of a foreign file as float32.

    Args:
        array: The array.
        where: File and name of the array, for messages.
        finite: Refuse NaN too, where the format does not use it for missing joints.

    Raises:
        BadClipError: If it holds text, booleans, complex numbers or anything else but whole and real numbers.
    """
    if array.dtype.kind not in 'iuf':
        raise BadClipError(f'{where}: expected real numbers, found the type {shown(array.dtype)}')
    with np.errstate(over='ignore'):  # what is too large becomes infinite, and is refused with the clip
        array = array.astype(np.float32)
    if finite and not np.isfinite(array).all():
        place = tuple(int(index) for index in np.argwhere(~np.isfinite(array))[0])
        raise BadClipError(f'{where}: expected finite numbers, found {array[place]} at {place}')
    return array
