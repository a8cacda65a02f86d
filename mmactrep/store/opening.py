"""Opening a store of whatever kind."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from .description import format_of
from .feature_store import FeatureStore
from .format import FEATURE_FORMAT, VIDEO_FORMAT
from .reader import SkeletonStore

if TYPE_CHECKING:
    from .video_store import VideoStore


def open_store(root: str | os.PathLike) -> SkeletonStore | FeatureStore | VideoStore:
    """The store in a folder, of whatever it holds.

    Raises:
        StoreError: If there is none, or it is damaged.
    """
    found = format_of(Path(root))
    if found == VIDEO_FORMAT:
        from .video_store import VideoStore  # what decodes frames takes long to import

        return VideoStore(root)
    return FeatureStore(root) if found == FEATURE_FORMAT else SkeletonStore(root)
