"""Stores, memory-mapped folders of clips: skeletons, features of teachers, frames of videos.

Names are imported on first use.
"""

from __future__ import annotations

from mmactrep.lazy_imports import lazy_attributes

_PLACES = dict(
    BadClipError='format',
    FeatureStore='feature_store',
    FeatureStoreWriter='feature_writer',
    SkeletonStore='reader',
    SkeletonStoreWriter='writer',
    StoreError='format',
    VideoStore='video_store',
    VideoStoreWriter='video_writer',
)

__all__ = [*_PLACES]

__getattr__, __dir__ = lazy_attributes(__name__, _PLACES)
