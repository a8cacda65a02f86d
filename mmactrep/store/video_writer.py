"""Writing a :class:`VideoStore`, resumable after a kill."""

from __future__ import annotations

import os
import zlib
from collections.abc import Mapping, Sequence

import numpy as np

from mmactrep.files import shown

from . import format as fmt
from . import video_format as vfmt
from .index import names_in_utf8
from .journal import Journal
from .store_writer import StoreWriter
from .video_store import VideoStore


def _rows_after(clip: dict, rows: int) -> int:
    if clip['frames'] < 1 or clip['size'] < clip['frames'] * vfmt.FRAME_DTYPE.itemsize:
        raise ValueError(f'{clip["frames"]} frames in {clip["size"]} bytes')
    return rows + clip['size']


class VideoStoreWriter(StoreWriter):
    """Writes videos into ``root + '.partial'`` and renames it to ``root`` when complete.

    A kill leaves what is complete, and the next writer continues there, see :class:`StoreWriter`.

    Args:
        root: Folder of the store.
        short_side: Most pixels of the shorter side of a frame.
        every: Of the frames of a video every k-th is kept.
        quality: Quality of the JPEGs.
        attributes: Anything about the data's origin that JSON can represent.
        overwrite: Replace a finished video store, once the new one is complete.

    Raises:
        FileExistsError: If ``root`` is a finished store and ``overwrite`` is off.
        StoreError: If another writer is working on the store, or the unfinished store was begun with other
            settings or is damaged.
    """

    format = fmt.VIDEO_FORMAT
    journal = Journal(
        dict(id=str, size=int, frames=int, height=int, width=int, checksum=int, duration=float), _rows_after
    )

    def __init__(
        self,
        root: str | os.PathLike,
        short_side: int = 128,
        every: int = 1,
        quality: int = 90,
        attributes: Mapping | None = None,
        overwrite: bool = False,
    ) -> None:
        super().__init__(root)
        self.short_side, self.every, self.quality = short_side, every, quality
        self.attributes = dict(attributes or {})
        self._begin(overwrite)

    def add(
        self,
        name: str,
        jpegs: Sequence[bytes],
        seconds: np.ndarray,
        duration: float,
        size: tuple[int, int],
    ) -> None:
        """Append a video. It is checked completely before anything is written.

        Args:
            name: Unique name; its path in the lists of videos.
            jpegs: Its N frames.
            seconds: (N,) when they are shown, ascending from 0.
            duration: Until when the last one is shown.
            size: Height and width of the frames.

        Raises:
            BadClipError: If anything does not fit. The store remains as it was.
            OSError: If it could not be written (disk full). The store remains as it was.
        """
        name = self._check_new(name)
        table = np.zeros(len(jpegs), vfmt.FRAME_DTYPE)
        seconds = np.asarray(seconds, np.float64)
        if not len(jpegs) or seconds.shape != (len(jpegs),) or not np.isfinite([*seconds, duration]).all():
            raise fmt.BadClipError(
                f"video '{name}': expected frames and a time for each of them, found {len(jpegs)} frames and "
                f'{shown(seconds.shape)} times'
            )
        table['size'] = [len(jpeg) for jpeg in jpegs]
        table['seconds'] = seconds
        content = np.frombuffer(b''.join([table.tobytes(), *jpegs]), np.uint8)
        clip = dict(
            id=name,
            size=len(content),
            frames=len(jpegs),
            height=int(size[0]),
            width=int(size[1]),
            checksum=zlib.crc32(content),
            duration=float(duration),
        )
        self._write(clip, [content])

    def _settings(self) -> dict:
        return dict(
            format=self.format,
            version=vfmt.VERSION,
            short_side=self.short_side,
            every=self.every,
            quality=self.quality,
            attributes=self.attributes,
        )

    def _array_files(self) -> dict[str, tuple[tuple[int, ...], np.dtype]]:
        return {vfmt.VIDEO_FILE: ((), np.dtype(np.uint8))}

    def _write_index(self) -> None:
        names = names_in_utf8(self._clips)
        entries = np.zeros(len(names), vfmt.ENTRY_DTYPE)
        fields = ['size', 'frames', 'height', 'width', 'checksum', 'duration']
        for row, clip in enumerate(self._entries()):
            entries[fields][row] = tuple(clip[field] for field in fields)
        entries['start'] = np.cumsum(entries['size']) - entries['size']
        order = np.argsort(names, kind='stable')
        arrays = {vfmt.ID_FILE: names[order], vfmt.ENTRY_FILE: entries[order]}
        frames = int(entries['frames'].sum())
        self._describe(arrays, num_clips=len(names), num_rows=self._rows, num_frames=frames)

    def _open_finished(self) -> VideoStore:
        return VideoStore(self.partial)
