"""Reading a skeleton store."""

from __future__ import annotations

import bisect
import os
from functools import cached_property
from pathlib import Path

import numpy as np

from mmactrep.structures import SkeletonLayout

from . import format as fmt


class SkeletonStore:
    """One folder of skeleton clips, memory-mapped: opening costs milliseconds whatever the size.

    ``store[i]`` is the clip's annotation dictionary. Worker processes share the page cache, and a
    store that travels to another process is opened there again.

    Args:
        root: Folder that a :class:`SkeletonStoreWriter` finished.

    Raises:
        StoreError: If there is no such store, or its files are truncated, foreign or do not belong
            together. See :meth:`verify` for the contents.
    """

    def __init__(self, root: str | os.PathLike) -> None:
        self.root = Path(root)
        self.meta = fmt.read_meta(self.root)
        self.layout = SkeletonLayout.from_dict(self.meta['layout'])
        self.classes: list[str] = self.meta['classes']
        self.attributes: dict = self.meta['attributes']
        self.num_channels: int = self.meta['num_channels']
        self._keypoint = fmt.load_array(self.root / fmt.KEYPOINT_FILE, np.dtype(self.meta['dtype']))
        self._score = (
            fmt.load_array(self.root / fmt.SCORE_FILE, np.dtype(self.meta['dtype']))
            if self.meta['with_score']
            else None
        )
        self.index = fmt.load_array(self.root / fmt.INDEX_FILE)
        self._check_shapes()

    def _check_shapes(self) -> None:
        rows, joints = self.meta['num_rows'], self.layout.num_joints
        expected = {fmt.KEYPOINT_FILE: (self._keypoint, (rows, joints, self.num_channels))}
        if self._score is not None:
            expected[fmt.SCORE_FILE] = (self._score, (rows, joints))
        expected[fmt.INDEX_FILE] = (self.index, (self.meta['num_clips'],))
        for name, (array, shape) in expected.items():
            if array.shape != shape:
                raise fmt.StoreError(f'{self.root / name}: expected shape {shape}, found {array.shape}')
        if self.index.dtype.names != fmt.index_dtype(1).names:
            raise fmt.StoreError(f'{self.root / fmt.INDEX_FILE}: not an index: {self.index.dtype}')

    def __reduce__(self):
        return type(self), (self.root,)

    def __len__(self) -> int:
        return self.meta['num_clips']

    def __repr__(self) -> str:
        return (
            f'SkeletonStore({str(self.root)!r}: {len(self)} clips, {self.layout.name}, '
            f'{self.num_channels}D, {len(self.classes)} classes, splits {self.meta["splits"]})'
        )

    def __getitem__(self, clip: int) -> dict:
        """Annotation dictionary of a clip by its row; keypoint (M, T, V, C), keypoint_score (M, T, V)."""
        return self.window(clip, 0, int(self.index[clip]['frames']))

    def window(self, clip: int, first: int, last: int) -> dict:
        """Annotation dictionary of some frames of a clip; the others are not read.

        Args:
            clip: Its row.
            first: First frame.
            last: Frame after the last one.

        Raises:
            IndexError: If the clip has no such frames.
        """
        row = self.index[clip]
        persons, total, start = int(row['persons']), int(row['frames']), int(row['start'])
        if not 0 <= first < last <= total:
            raise IndexError(
                f"{self.root}: clip '{row['id'].decode()}' has {total} frames, not {first} to {last}"
            )
        frames = last - first
        # Persons lie one after the other: one slice where there is one person or all frames are wanted.
        if persons == 1 or frames == total:
            rows = slice(start + first, start + first + persons * frames)
        else:
            rows = (start + np.arange(persons)[:, None] * total + np.arange(first, last)).reshape(-1)
        keypoint = np.array(self._keypoint[rows], np.float32)
        if self._score is None:
            score = np.any(keypoint != 0, axis=-1).astype(np.float32)
        else:
            score = np.array(self._score[rows], np.float32)
        clip_id = row['id'].decode()
        if len(keypoint) != persons * frames or not np.isfinite(keypoint).all():
            raise fmt.BadClipError(
                f"{self.root}: clip '{clip_id}' is damaged; run tools/data/verify_store.py"
            )
        return dict(
            keypoint=keypoint.reshape(persons, frames, *keypoint.shape[1:]),
            keypoint_score=score.reshape(persons, frames, -1),
            total_frames=frames,
            img_shape=(int(row['height']), int(row['width'])),
            label=int(row['label']),
            frame_dir=clip_id,
            fps=float(row['fps']),
            layout=self.layout,
        )

    @property
    def labels(self) -> np.ndarray:
        """Class index of every clip, -1 for none; a view on the mapped index."""
        return self.index['label']

    @cached_property
    def ids(self) -> _Ids:
        """Clip ids by row, decoded on demand."""
        return _Ids(self.index['id'])

    @property
    def split_names(self) -> list[str]:
        """Names of the splits."""
        return list(self.meta['splits'])

    def split(self, name: str) -> np.ndarray:
        """Rows of the clips of a split.

        Raises:
            StoreError: If there is no such split, or it points outside the store.
        """
        if name not in self.meta['splits']:
            raise fmt.StoreError(f"{self.root} has no split '{name}'; it has {self.split_names}")
        path = self.root / fmt.SPLIT_FOLDER / f'{name}.npy'
        rows = fmt.load_array(path, np.dtype(np.int64))
        if len(rows) and not (rows.min() >= 0 and rows.max() < len(self)):
            raise fmt.StoreError(f'{path}: names clips outside the {len(self)} of the store')
        return rows

    @cached_property
    def _id_order(self) -> np.ndarray:
        return fmt.load_array(self.root / fmt.ID_ORDER_FILE)

    def find(self, clip_id: str) -> int:
        """Row of a clip by its id, by bisection on disk.

        Raises:
            KeyError: If the store has no such clip.
        """
        key, ids = clip_id.encode(), self.index['id']
        place = bisect.bisect_left(range(len(self)), key, key=lambda i: ids[self._id_order[i]])
        if place < len(self) and ids[self._id_order[place]] == key:
            return int(self._id_order[place])
        raise KeyError(f"{self.root} has no clip '{clip_id}'")

    @cached_property
    def _segments(self) -> np.ndarray:
        path = self.root / fmt.SEGMENT_FILE
        if fmt.SEGMENT_FILE not in self.meta['checksums']:
            return np.empty(0, fmt.SEGMENT_DTYPE)
        return fmt.load_array(path, fmt.SEGMENT_DTYPE)

    def segments(self, clip: int) -> np.ndarray:
        """Dense annotation of a clip: records (clip, label, start, end), end exclusive, in frames."""
        first, last = np.searchsorted(self._segments['clip'], [clip, clip + 1])
        return self._segments[first:last]

    @property
    def all_segments(self) -> np.ndarray:
        """Dense annotation of all clips, (clip, label, start, end), clip after clip."""
        return self._segments

    def verify(self, checksums: bool = True) -> list[str]:
        """Read everything and list what is wrong; an empty list means the store is sound."""
        from .verification import find_problems

        return find_problems(self, checksums)


class _Ids:
    """Sequence of decoded clip ids over the mapped index."""

    def __init__(self, raw: np.ndarray) -> None:
        self._raw = raw

    def __len__(self) -> int:
        return len(self._raw)

    def __getitem__(self, clip: int) -> str:
        return self._raw[clip].decode()
