"""The files of a :class:`SkeletonStore` and the errors they can give rise to."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np

from mmactrep.errors import UserError

FORMAT = 'mmactrep-skeleton-store'
VERSION = 1

META_FILE = 'store.json'
KEYPOINT_FILE = 'keypoint.npy'
SCORE_FILE = 'score.npy'
INDEX_FILE = 'index.npy'
ID_ORDER_FILE = 'id_order.npy'
SEGMENT_FILE = 'segments.npy'
SPLIT_FOLDER = 'splits'

SEGMENT_DTYPE = np.dtype([('clip', '<i8'), ('label', '<i4'), ('start', '<i8'), ('end', '<i8')])

UNLABELLED = -1


class BadClipError(UserError, ValueError):
    """A clip that cannot enter a store; the message names it, what was expected and what was found."""


class StoreError(UserError, ValueError):
    """A store that is absent, unfinished, truncated, foreign or inconsistent."""


def index_dtype(id_bytes: int) -> np.dtype:
    """Type of a row of the index: one row a clip.

    Args:
        id_bytes: Length of the longest clip id in UTF-8.
    """
    return np.dtype(
        [
            ('id', f'S{max(1, id_bytes)}'),
            ('start', '<i8'),
            ('persons', '<i4'),
            ('frames', '<i4'),
            ('label', '<i4'),
            ('height', '<i4'),
            ('width', '<i4'),
            ('fps', '<f4'),
        ]
    )


def sha256(path: Path) -> str:
    """Checksum of a file, read in pieces."""
    digest = hashlib.sha256()
    with open(path, 'rb') as file:
        while piece := file.read(1 << 22):
            digest.update(piece)
    return digest.hexdigest()


def read_meta(root: Path) -> dict:
    """Read and check ``store.json``.

    Raises:
        StoreError: If the folder is absent or holds no finished store of a known version.
    """
    path = root / META_FILE
    if not path.is_file():
        partial = root.with_name(root.name + '.partial')
        state = 'an unfinished one lies beside it, run its command again' if partial.is_dir() else 'absent'
        raise StoreError(f'no skeleton store at {root} ({state})')
    try:
        meta = json.loads(path.read_text(encoding='utf-8'))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise StoreError(f'{path}: not a store description: {error}') from error
    if not isinstance(meta, dict) or meta.get('format') != FORMAT:
        raise StoreError(f'{path}: expected format {FORMAT!r}, found another file')
    if meta.get('version') != VERSION:
        raise StoreError(f'{path}: expected version {VERSION}, found {meta.get("version")!r}')
    return meta


def load_array(path: Path, dtype: np.dtype | None = None) -> np.ndarray:
    """Memory-map an array file.

    Raises:
        StoreError: If the file is absent, truncated, no array or of another type.
    """
    try:
        # an empty array cannot be mapped
        array = np.load(path, mmap_mode='r', allow_pickle=False) if _rows(path) else np.load(path)
    except FileNotFoundError as error:
        raise StoreError(f'{path}: missing') from error
    except (ValueError, EOFError, OSError) as error:
        raise StoreError(f'{path}: truncated or foreign file: {error}') from error
    if dtype is not None and array.dtype != dtype:
        raise StoreError(f'{path}: expected type {dtype}, found {array.dtype}')
    return array


def _rows(path: Path) -> int:
    with open(path, 'rb') as file:
        version = np.lib.format.read_magic(file)
        read = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }.get(version)
        if read is None:
            raise ValueError(f'unknown npy version {version}')
        return int(np.prod(read(file)[0]))
