"""The files of a :class:`SkeletonStore`, and the errors that stores can cause."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

from mmactrep.errors import UserError

_PREFIX = 'mmactrep-'
FORMAT = f'{_PREFIX}skeleton-store'
FEATURE_FORMAT = f'{_PREFIX}feature-store'
VIDEO_FORMAT = f'{_PREFIX}video-store'
VERSION = 2
"""Version written. 2 added the checksum over the description itself."""
READABLE_VERSIONS = (1, 2)

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
    """A clip that cannot enter a store; the message says which, what was expected and what was found."""


class StoreError(UserError, ValueError):
    """A store that is absent, unfinished, truncated, foreign or inconsistent."""


class UnknownClipError(StoreError, KeyError):
    """A clip id that a store does not have."""


def index_dtype(id_bytes: int) -> np.dtype:
    """Type of a row of the index: one row per clip.

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


def noun(store_format: str) -> str:
    """What messages call a store of a format: 'skeleton store', 'feature store'."""
    return store_format.removeprefix(_PREFIX).replace('-', ' ')


def sha256(path: Path) -> str:
    """Checksum of a file, read in chunks."""
    digest = hashlib.sha256()
    with open(path, 'rb') as file:
        while piece := file.read(1 << 22):
            digest.update(piece)
    return digest.hexdigest()


def split_file(name: str) -> str:
    """Path of a split's rows below the store."""
    return f'{SPLIT_FOLDER}/{name}.npy'
