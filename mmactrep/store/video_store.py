"""Reading a store of small frames of videos."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np

from mmactrep.video.opened_video import OpenedVideo
from mmactrep.video.picture import VideoError

from . import format as fmt
from . import video_format as vfmt
from .contents import ClipIds, find_id, load_array
from .verification import checksum_problems, id_problems


class VideoStore:
    """Videos decoded once to small frames, memory-mapped: any frame is read without those before it.

    Opening takes milliseconds whatever the size, and worker processes share the page cache. A store that is
    pickled to another process is reopened there.

    >>> store = VideoStore('data/ucf101/cache')
    >>> video = store.open('Archery/v_Archery_g01_c01.avi')
    >>> video.seconds[:3], video.pick([0, 8])[0].shape
    (array([0.  , 0.04, 0.08]), (128, 170, 3))

    Args:
        root: Folder that a :class:`VideoStoreWriter` finished.

    Attributes:
        short_side: Most pixels of the shorter side of a frame.
        every: Of the frames of a video every k-th is kept.
        attributes: What the store records about its origin.

    Raises:
        StoreError: If there is no such store, or its files are truncated, foreign or do not belong
            together. See :meth:`verify` for the contents.
    """

    def __init__(self, root: str | os.PathLike) -> None:
        self.root = Path(root)
        self.meta = vfmt.read_video_description(self.root)
        self.short_side: int = self.meta['short_side']
        self.every: int = self.meta['every']
        self.attributes: dict = self.meta['attributes']
        count = self.meta['num_clips']
        content = load_array(self.root / vfmt.VIDEO_FILE, (self.meta['num_rows'],), np.dtype(np.uint8))
        names = load_array(self.root / vfmt.ID_FILE, (count,))
        entries = load_array(self.root / vfmt.ENTRY_FILE, (count,), vfmt.ENTRY_DTYPE)
        if names.dtype.kind != 'S':
            raise fmt.StoreError(f'{self.root / vfmt.ID_FILE}: expected names of videos, found {names.dtype}')
        # as plain arrays: an element of numpy's memmap takes several times as long
        self._content, self._names, self._entries = (
            array.view(np.ndarray) for array in (content, names, entries)
        )
        self._check_entries()

    def _check_entries(self) -> None:
        start, size, frames = (self._entries[name] for name in ('start', 'size', 'frames'))
        bad = (start < 0) | (frames < 1) | (size < frames * vfmt.FRAME_DTYPE.itemsize)
        bad |= start > len(self._content) - size
        if bad.any():
            entry = int(np.argmax(bad))
            raise fmt.StoreError(
                f"{self.root / vfmt.ENTRY_FILE}: video '{self.shown_name(entry)}' has {size[entry]} bytes "
                f'from {start[entry]} on for {frames[entry]} frames; there are {len(self._content)} bytes'
            )

    def __reduce__(self):
        return type(self), (self.root,)

    def __len__(self) -> int:
        return self.meta['num_clips']

    def __contains__(self, name: str) -> bool:
        return find_id(self._names, name) is not None

    def __repr__(self) -> str:
        every = f', every {self.every}. frame' if self.every > 1 else ''
        return (
            f'VideoStore({str(self.root)!r}: {len(self)} videos, {self.meta["num_frames"]} frames, shorter '
            f'side at most {self.short_side}{every})'
        )

    @property
    def ids(self) -> ClipIds:
        """Names of the videos in their byte order, decoded on demand."""
        return ClipIds(self._names, self.root / vfmt.ID_FILE)

    @property
    def frames(self) -> np.ndarray:
        """Number of frames of every video, in the order of :attr:`ids`."""
        return self._entries['frames']

    def open(self, name: str) -> OpenedVideo:
        """A video; its frames (H, W, 3) uint8 RGB are decoded when they are picked.

        Raises:
            VideoError: If there is no such video, or it is damaged.
        """
        entry = find_id(self._names, name)
        if entry is None:
            raise VideoError(f"{self.root}: no video '{name}' in this cache")
        seconds, ends, content = self._parts(entry)
        where = f"{self.root}: video '{name}'"

        def pick(numbers: Sequence[int]) -> list[np.ndarray]:
            found: dict[int, np.ndarray] = {}
            for number in map(int, numbers):
                if not 0 <= number < len(seconds):
                    raise IndexError(f'{where} has frames 0 to {len(seconds) - 1}, not {number}')
                if number not in found:
                    image = cv2.imdecode(content[ends[number] : ends[number + 1]], cv2.IMREAD_COLOR)
                    if image is None:
                        raise VideoError(_damage(where))
                    found[number] = cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
            return [found[int(number)] for number in numbers]

        return OpenedVideo(seconds, float(self._entries['duration'][entry]), pick, self.every)

    def _parts(self, entry: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Times of the frames of a video (N,), where its JPEGs begin (N + 1,), and its bytes."""
        start, size, frames, *_ = self._entries[entry].item()
        content = self._content[start : start + size]
        head = frames * vfmt.FRAME_DTYPE.itemsize
        table = content[:head].view(vfmt.FRAME_DTYPE)
        ends = head + np.concatenate([[0], np.cumsum(table['size'], dtype=np.int64)])
        if ends[-1] != size:
            raise VideoError(_damage(f"{self.root}: video '{self.shown_name(entry)}'"))
        return table['seconds'], ends, content

    def verify(self, checksums: bool = True) -> list[str]:
        """Read everything and list what is wrong; an empty list means the store is intact."""
        problems = [*id_problems(self._names, vfmt.ID_FILE), *self._content_problems()]
        if checksums:
            problems += checksum_problems(self.root, self.meta)
        return problems

    def _content_problems(self) -> Iterator[str]:
        for entry in range(len(self)):
            start, size, *_ = self._entries[entry].item()
            if zlib.crc32(self._content[start : start + size]) != self._entries['checksum'][entry]:
                yield (
                    f"{vfmt.VIDEO_FILE}: video '{self.shown_name(entry)}' differs from its checksum, it was "
                    'changed or damaged'
                )

    def shown_name(self, entry: int) -> str:
        """Name of a video for messages, also if it is not text."""
        return self._names[entry].decode(errors='backslashreplace')


def _damage(where: str) -> str:
    return f'{where} is damaged; run mmactrep verify'
