"""The files of a :class:`VideoStore`, and its description, checked when it is read.

``videos.npy`` holds the bytes of all videos one after the other. Those of a video of N frames are N records
of :data:`FRAME_DTYPE`, the size of each frame's JPEG and when it is shown, and then the JPEGs. Of the three
ways that tools/analysis/benchmark_video_formats.py measures, this one serves both ends. Plain pixels in a
memory map are read five times as fast, but take 13 to 31 times the room, and once clips are cropped and
colored they save a fifth of the time. Small videos, encoded anew, take a tenth of the room, but halve the
speed of the pipeline.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from . import format as fmt
from .description import COMMON_FIELDS, Field, check_files, is_count, read_fields

VERSION = 1

VIDEO_FILE = 'videos.npy'
ID_FILE = 'ids.npy'
ENTRY_FILE = 'entries.npy'

FRAME_DTYPE = np.dtype([('size', '<u4'), ('seconds', '<f8')])
ENTRY_DTYPE = np.dtype(
    [
        ('start', '<i8'),
        ('size', '<i8'),
        ('frames', '<i4'),
        ('height', '<i4'),
        ('width', '<i4'),
        ('checksum', '<u4'),
        ('duration', '<f8'),
    ]
)


def read_video_description(root: Path) -> dict:
    """Read and check ``store.json`` of a video store.

    Raises:
        StoreError: See :func:`~mmactrep.store.description.read_fields`; or its files are not those of such
            a store.
    """
    content = read_fields(root, fmt.VIDEO_FORMAT, (VERSION,), _FIELDS)
    check_files(root / fmt.META_FILE, content, {VIDEO_FILE, ID_FILE, ENTRY_FILE})
    return content


def _within(low: int, high: int):
    return lambda value: is_count(value) and low <= value <= high


_FIELDS: dict[str, Field] = COMMON_FIELDS | dict(
    short_side=('a number of pixels', _within(1, 1 << 16)),
    every=('a distance of frames', _within(1, 1 << 16)),
    quality=('a JPEG quality of 1 to 100', _within(1, 100)),
    num_frames=('a count', lambda value: is_count(value) and value > 0),
)
