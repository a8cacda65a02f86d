"""Reading a skeleton store."""

from __future__ import annotations

import bisect
import os
from functools import cached_property
from pathlib import Path

import numpy as np

from mmactrep.structures import joint_scores

from . import format as fmt
from .contents import ClipIds, StoreContents
from .verification import find_problems


class SkeletonStore:
    """One folder of skeleton clips, memory-mapped: opening takes milliseconds whatever the size.

    ``store[i]`` is the clip's annotation dictionary. Worker processes share the page cache; a store that
    is pickled to another process is reopened there.

    Args:
        root: Folder that a :class:`SkeletonStoreWriter` finished.

    Raises:
        StoreError: If there is no such store, or its files are truncated, foreign or do not belong
            together. See :meth:`verify` for the contents.
    """

    def __init__(self, root: str | os.PathLike) -> None:
        self.root = Path(root)
        self._contents = StoreContents.open(self.root)
        self.meta = self._contents.description
        self.layout = self._contents.layout
        self.index = self._contents.index
        self.classes: list[str] = self.meta['classes']
        self.attributes: dict = self.meta['attributes']
        self.num_channels: int = self.meta['num_channels']

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
        """Annotation dictionary of the clip in a row; keypoint (M, T, V, C), keypoint_score (M, T, V)."""
        return self.window(clip, 0, int(self.index[clip]['frames']))

    def window(self, clip: int, first: int, last: int) -> dict:
        """Annotation dictionary of some frames of a clip; the others are not read.

        Args:
            clip: Row of the clip.
            first: First frame.
            last: Frame after the last one.

        Raises:
            IndexError: If the clip has no such frames.
        """
        row = self.index[clip]
        persons, total, start = int(row['persons']), int(row['frames']), int(row['start'])
        if not 0 <= first < last <= total:
            raise IndexError(
                f"{self.root}: clip '{self.ids[clip]}' has {total} frames, not {first} to {last}"
            )
        frames = last - first
        # Persons are stored one after the other: one slice suffices for one person or for all frames.
        if persons == 1 or frames == total:
            rows = slice(start + first, start + first + persons * frames)
        else:
            rows = (start + np.arange(persons)[:, None] * total + np.arange(first, last)).reshape(-1)
        keypoint = np.array(self._contents.keypoint[rows], np.float32)
        stored = self._contents.score
        score = joint_scores(keypoint) if stored is None else np.array(stored[rows], np.float32)
        clip_id = self.ids[clip]
        for what, values in (('coordinates', keypoint), ('scores', score)):
            if not np.isfinite(values).all():
                raise fmt.BadClipError(
                    f"{self.root}: clip '{clip_id}' is damaged, its {what} are not finite; run "
                    'mmactrep verify'
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
        """Class index of every clip, -1 for none; a view of the mapped index."""
        return self.index['label']

    @cached_property
    def ids(self) -> ClipIds:
        """Clip ids by row, decoded on demand."""
        return ClipIds(self.index['id'], self.root / fmt.INDEX_FILE)

    @property
    def split_names(self) -> list[str]:
        """Names of the splits."""
        return list(self.meta['splits'])

    def split(self, name: str) -> np.ndarray:
        """Rows of the clips of a split.

        Raises:
            StoreError: If there is no such split, or it points outside the store.
        """
        return self._contents.split(name)

    def find(self, clip_id: str) -> int:
        """Row of a clip by its id, by bisection on disk.

        Raises:
            UnknownClipError: If the store has no such clip.
        """
        key, ids, order = clip_id.encode(), self.index['id'], self._contents.id_order
        place = bisect.bisect_left(range(len(self)), key, key=lambda i: ids[order[i]])
        if place < len(self) and ids[order[place]] == key:
            return int(order[place])
        raise fmt.UnknownClipError(f"{self.root} has no clip '{clip_id}'")

    def segments(self, clip: int) -> np.ndarray:
        """Dense annotation of a clip: records (clip, label, start, end), end exclusive, in frames."""
        segments = self._contents.segments
        first, last = np.searchsorted(segments['clip'], [clip, clip + 1])
        return segments[first:last]

    @property
    def all_segments(self) -> np.ndarray:
        """Dense annotation of all clips, (clip, label, start, end), clip after clip."""
        return self._contents.segments

    def verify(self, checksums: bool = True) -> list[str]:
        """Read everything and list what is wrong; an empty list means the store is intact."""
        return find_problems(self._contents, checksums)
