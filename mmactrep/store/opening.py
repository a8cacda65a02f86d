"""Opening a store of whatever kind."""

from __future__ import annotations

import os
from pathlib import Path

from .description import format_of
from .feature_store import FeatureStore
from .format import FEATURE_FORMAT, VIDEO_FORMAT
from .reader import SkeletonStore
from .video_store import VideoStore

_KINDS = {FEATURE_FORMAT: FeatureStore, VIDEO_FORMAT: VideoStore}


def open_store(root: str | os.PathLike) -> SkeletonStore | FeatureStore | VideoStore:
    """The store in a folder, of whatever it holds.

    Raises:
        StoreError: If there is none, or it is damaged.
    """
    return _KINDS.get(format_of(Path(root)), SkeletonStore)(root)
