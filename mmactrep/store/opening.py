"""Opening a store of whatever kind."""

from __future__ import annotations

import os
from pathlib import Path

from .description import format_of
from .feature_store import FeatureStore
from .format import FEATURE_FORMAT
from .reader import SkeletonStore


def open_store(root: str | os.PathLike) -> SkeletonStore | FeatureStore:
    """The skeleton store or feature store in a folder.

    Raises:
        StoreError: If there is none, or it is damaged.
    """
    return FeatureStore(root) if format_of(Path(root)) == FEATURE_FORMAT else SkeletonStore(root)
