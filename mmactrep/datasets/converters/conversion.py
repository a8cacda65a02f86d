"""The parts of a converter: clips to read, how to read one, and what the store records about them."""

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

#: Maximum number of classes where no class names are given: a label of 10^9 in a damaged file must not
#: create that many names.
MAX_CLASSES = 10_000
#: Maximum persons per frame and frames per clip: a file beyond them is considered damaged.
MAX_PERSONS = 100
MAX_FRAMES = 1_000_000


class ConversionError(UserError, ValueError):
    """A data set, or arguments for it, that cannot be converted; the message says what was expected."""


@dataclass
class Clip:
    """One clip as a reader returns it.

    Args:
        keypoint: (M, T, V, C) coordinates: pixels in 2D, meters in 3D unless the converter says otherwise.
        score: (M, T, V) confidences, 0 where a joint is missing. Default: 1 where a coordinate is not 0.
        label: Index into the conversion's classes; None for an untrimmed video.
        img_shape: (height, width) in pixels; (0, 0) where there is no image plane.
        fps: Frames per second, 0 where unknown.
        segments: Dense annotation as (class, start, end), end exclusive, in frames.
        note: What the user should know about this clip, for example what was cut.
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
        source: Argument of the conversion's ``read``: the file's path, a tuple that begins with it, or
            anything else. It should be small, because all jobs are created before the first clip is read
            and are sent to worker processes.
        splits: Names of the splits that the clip belongs to.
        problem: Why the clip cannot be used, if known before it is read.
    """

    clip_id: str
    source: Any
    splits: tuple[str, ...] = ()
    problem: str = ''

    @property
    def origin(self) -> str:
        """Origin of the clip, for messages: its file, if ``source`` is one or begins with one."""
        first = self.source[0] if isinstance(self.source, tuple) else self.source
        return str(first) if isinstance(first, (str, Path)) else self.clip_id


def bad_job(path: Path, problem: object) -> Job:
    """A file that is known to be unusable before it is read."""
    return Job(path.name, (str(path),), problem=f'{path}: {problem}')


@dataclass(frozen=True)
class Conversion:
    """A whole data set, ready to be written into a store.

    Args:
        name: Name of the data set, for messages.
        folder: Name of the store's folder unless the user gives another.
        layout: Joint layout of the clips that ``read`` returns.
        classes: Class names, in the order of the labels.
        num_channels: Coordinates per joint, 2 or 3.
        jobs: All clips, in the order of the store.
        read: Reads ``Job.source`` into a :class:`Clip`, and raises ``BadClipError`` if the clip cannot be
            used. A module-level function, or ``functools.partial`` of one, so that it can be pickled.
        splits: Names of all splits, so that a split without clips is written (empty) too.
        with_score: Keep scores in the store. Without them, a joint is missing where its coordinates are 0.
        attributes: What the store records about itself; plain JSON values.
        notes: What the user should know about the clips found, one sentence each.
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
    """Turn an unreadable file into an unusable clip.

    Raises:
        BadClipError: Instead of a ``BadFileError``, with its message.
    """
    try:
        yield
    except BadFileError as error:
        raise BadClipError(str(error)) from error


def class_names(count: int) -> list[str]:
    """Names for classes with unknown names: ``class_000``, ``class_001``, ..."""
    return [f'class_{label:03d}' for label in range(count)]


def read_class_file(path: str | Path) -> list[str]:
    """Class names from a text file with one per line, in the order of the labels.

    Raises:
        FileNotFoundError: If there is no such file.
        ConversionError: If the file is empty or a name repeats.
        BadFileError: If it is not UTF-8 text.
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
    """Whether a value from a foreign file is a whole number (not a boolean) from ``low`` to ``high``."""
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def real_numbers(array: np.ndarray, where: str, finite: bool = False) -> np.ndarray:
    """An array from a foreign file as float32.

    Args:
        array: The array.
        where: File and name of the array, for messages.
        finite: Refuse NaN too, where the format does not use it for missing joints.

    Raises:
        BadClipError: If it contains text, booleans, complex numbers or anything but whole and real numbers.
    """
    if array.dtype.kind not in 'iuf':
        raise BadClipError(f'{where}: expected real numbers, found the type {shown(array.dtype)}')
    with np.errstate(over='ignore'):  # too large values become infinite, and are refused with the clip
        array = array.astype(np.float32)
    if finite and not np.isfinite(array).all():
        place = tuple(int(index) for index in np.argwhere(~np.isfinite(array))[0])
        raise BadClipError(f'{where}: expected finite numbers, found {array[place]} at {place}')
    return array
