"""The opened files of a store: mapped, and checked as far as possible in milliseconds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from mmactrep.files import BadFileError, read_array_header, reading, reason, shown
from mmactrep.structures import SkeletonLayout

from . import format as fmt
from .description import read_description
from .index import find_gap


@dataclass(frozen=True, eq=False)
class StoreContents:
    """The contents of a store's folder.

    Args:
        root: The folder.
        description: Content of ``store.json``.
        layout: Layout of the joints.
        keypoint: (rows, V, C), mapped.
        score: (rows, V), mapped; None where the store keeps none.
        index: (clips,) of :func:`~mmactrep.store.format.index_dtype`, mapped.
    """

    root: Path
    description: dict
    layout: SkeletonLayout
    keypoint: np.ndarray
    score: np.ndarray | None
    index: np.ndarray

    @classmethod
    def open(cls, root: Path) -> StoreContents:
        """Open a store.

        Raises:
            StoreError: If there is no finished store, or its files are truncated, foreign or do not belong
                together.
        """
        description = read_description(root)
        layout = SkeletonLayout.from_dict(description['layout'])
        rows, joints, dtype = description['num_rows'], layout.num_joints, np.dtype(description['dtype'])
        keypoint = load_array(root / fmt.KEYPOINT_FILE, (rows, joints, description['num_channels']), dtype)
        score = (
            load_array(root / fmt.SCORE_FILE, (rows, joints), dtype) if description['with_score'] else None
        )
        index = load_array(root / fmt.INDEX_FILE, (description['num_clips'],))
        named = index.dtype.names == fmt.index_dtype(1).names
        if not named or index.dtype != fmt.index_dtype(index.dtype['id'].itemsize):
            raise fmt.StoreError(f'{root / fmt.INDEX_FILE}: not an index: {index.dtype}')
        problem = find_gap(index, rows)
        if problem:
            raise fmt.StoreError(f'{root / fmt.INDEX_FILE}: {problem}')
        return cls(root, description, layout, keypoint, score, index)

    @property
    def num_clips(self) -> int:
        """Number of clips."""
        return self.description['num_clips']

    def clip_id(self, row: int) -> str:
        """Name of a clip.

        Raises:
            StoreError: If it is not text.
        """
        return decoded_id(self.index['id'], row, self.root / fmt.INDEX_FILE)

    def split(self, name: str) -> np.ndarray:
        """Rows of the clips of a split.

        Raises:
            StoreError: If there is no such split, or it points outside the store.
        """
        splits = self.description['splits']
        if name not in splits:
            raise fmt.StoreError(f"{self.root} has no split '{name}'; it has {list(splits)}")
        path = self.root / fmt.split_file(name)
        rows = load_array(path, (splits[name],), np.dtype(np.int64))
        if len(rows) and not (rows.min() >= 0 and rows.max() < self.num_clips):
            raise fmt.StoreError(f'{path}: names clips outside the {self.num_clips} of the store')
        return rows

    @cached_property
    def id_order(self) -> np.ndarray:
        """(clips,) rows in the order of the names."""
        path = self.root / fmt.ID_ORDER_FILE
        order = load_array(path, (self.num_clips,), np.dtype(np.int64))
        if not (order.min() >= 0 and order.max() < self.num_clips):
            raise fmt.StoreError(f'{path}: names clips outside the {self.num_clips} of the store')
        return order

    @cached_property
    def segments(self) -> np.ndarray:
        """Dense annotation of all clips, ``SEGMENT_DTYPE``, clip after clip."""
        path = self.root / fmt.SEGMENT_FILE
        if fmt.SEGMENT_FILE not in self.description['checksums']:
            return np.empty(0, fmt.SEGMENT_DTYPE)
        segments = load_array(path, None, fmt.SEGMENT_DTYPE)
        clip = segments['clip']
        if len(clip) and ((np.diff(clip) < 0).any() or clip[0] < 0 or clip[-1] >= self.num_clips):
            raise fmt.StoreError(f'{path}: not ordered by clip, or of clips outside the store')
        bad = (segments['start'] < 0) | (segments['end'] > self.index['frames'][clip])
        bad |= segments['end'] <= segments['start']
        bad |= (segments['label'] < 0) | (segments['label'] >= len(self.description['classes']))
        if bad.any():
            _, label, start, end = segments[int(np.argmax(bad))].item()
            name = self.clip_id(int(clip[int(np.argmax(bad))]))
            raise fmt.StoreError(
                f"{path}: clip '{name}': segment {(label, start, end)} does not fit its frames or the classes"
            )
        return segments


class ClipIds(Sequence[str]):
    """The names of the clips of a store, decoded on demand.

    Args:
        names: (clips,) in UTF-8, mapped.
        path: Their file.
    """

    def __init__(self, names: np.ndarray, path: Path) -> None:
        self._names = names
        self._path = path

    def __len__(self) -> int:
        return len(self._names)

    def __getitem__(self, row: int) -> str:
        return decoded_id(self._names, row, self._path)


def find_id(names: np.ndarray, clip_id: str) -> int | None:
    """Place of a clip among names in their byte order, by bisection; None if it is not there."""
    key = clip_id.encode(errors='surrogatepass')
    if len(key) > names.dtype.itemsize:
        return None
    place = int(names.searchsorted(np.array(key, names.dtype)))
    return place if place < len(names) and names[place] == key else None


def decoded_id(names: np.ndarray, row: int, path: str | Path) -> str:
    """Name of the clip in a row.

    Raises:
        StoreError: If it is not text.
    """
    try:
        return names[row].decode()
    except UnicodeDecodeError as error:
        raise fmt.StoreError(f'{path}: the name of clip {row} is not text: {error}') from error


def load_array(path: Path, shape: tuple[int, ...] | None, dtype: np.dtype | None = None) -> np.ndarray:
    """Map an array file.

    Args:
        path: The file.
        shape: Its shape; None for one axis of any length.
        dtype: Its type; None for any without objects.

    Raises:
        StoreError: If the file is absent, truncated, too long, not an array, or of another shape or type.
    """
    try:
        with reading(path, 'an array (.npy)'), open(path, 'rb') as file:
            found, offset = read_array_header(path, file), file.tell()
    except FileNotFoundError as error:
        raise fmt.StoreError(f'{path}: missing') from error
    except BadFileError as error:
        raise fmt.StoreError(
            f'{path}: truncated or foreign file: {reason(error.__cause__ or error)}'
        ) from error
    (found_shape, fortran_order, found_dtype), size = found, path.stat().st_size
    if (dtype is not None and found_dtype != dtype) or found_dtype.hasobject:
        raise fmt.StoreError(
            f'{path}: expected type {dtype or "without objects"}, found {shown(found_dtype)}'
        )
    if found_shape != shape and (shape is not None or len(found_shape) != 1):
        raise fmt.StoreError(f'{path}: expected shape {shape or "(N,)"}, found {shown(found_shape)}')
    bytes_needed = offset + math.prod(found_shape) * found_dtype.itemsize
    if size != bytes_needed or (fortran_order and len(found_shape) > 1):
        raise fmt.StoreError(
            f'{path}: truncated or foreign file: expected {found_shape} of {found_dtype} in C order, '
            f'{bytes_needed} bytes, found {size}'
        )
    if 0 in found_shape:  # nothing to map
        return np.empty(found_shape, found_dtype)
    return np.memmap(path, found_dtype, 'r', offset, found_shape)
