"""Data sets that come as one NPZ: all frames one after another, and a table with one row per clip."""

from __future__ import annotations

import functools
import os
from pathlib import Path

import numpy as np

from mmactrep.files import read_arrays, shown
from mmactrep.store.format import BadClipError

from .conversion import ConversionError, clip_file, real_numbers

_MAX_BYTES = 1 << 30


def read_clip_table(path: str | Path, columns: int) -> np.ndarray:
    """The array ``clip`` of a file: one row per clip, whose last two columns are its first frame and its
    number of frames.

    Raises:
        FileNotFoundError: If there is no such file.
        BadFileError: If it is not an NPZ.
        ConversionError: If the table is absent or of another form.
    """
    table = _arrays(str(path), _version(path)).get('clip')
    if table is None or table.ndim != 2 or table.shape[1] != columns or table.dtype.kind not in 'iu':
        found = 'none' if table is None else f'{shown(table.shape)} of {table.dtype}'
        raise ConversionError(
            f"{path}: expected an array 'clip' of whole numbers (clips, {columns}), found {found}"
        )
    if not len(table):
        raise ConversionError(f"{path}: its table 'clip' is empty")
    return table.astype(np.int64)


def read_packed_frames(path: str | Path, name: str, first: int, frames: int, joints: int) -> np.ndarray:
    """The frames of one clip, (frames, joints, 3) float32.

    Args:
        path: The file.
        name: Its array of all frames.
        first: First frame of the clip.
        frames: Frames of the clip.
        joints: Joints expected.

    Raises:
        BadClipError: If the array is absent, of another form, contains values that are not finite, or
            does not have these frames.
    """
    with clip_file():
        array = _arrays(str(path), _version(path)).get(name)
    if array is None or array.ndim != 3 or array.shape[1:] != (joints, 3):
        found = 'none' if array is None else shown(array.shape)
        raise BadClipError(f"{path}: expected an array '{name}' (frames, {joints}, 3), found {found}")
    if not (first >= 0 and frames >= 1 and first + frames <= len(array)):
        raise BadClipError(
            f"{path}: a clip of {frames} frames from {first} on does not lie in the {len(array)} of '{name}'"
        )
    return real_numbers(array[first : first + frames], f"{path}: '{name}' from frame {first} on", finite=True)


def _version(path: str | Path) -> int:
    return os.stat(path).st_mtime_ns


@functools.lru_cache(maxsize=1)
def _arrays(path: str, version: int) -> dict[str, np.ndarray]:
    # cached from clip to clip; a changed file is read again
    return read_arrays(path, _MAX_BYTES)
