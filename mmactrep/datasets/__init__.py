"""Data sets of skeletons. The classes are imported on first use: they need torch."""

from __future__ import annotations

from mmactrep.lazy_imports import lazy_attributes
from mmactrep.store import BadClipError, SkeletonStore, SkeletonStoreWriter, StoreError

_PLACES = dict(
    MotionPairDataset='motion_pairs',
    MotionWindowDataset='motion_windows',
    SkeletonDataset='skeleton_dataset',
    SkeletonSegmentationDataset='segmentation_dataset',
)

__all__ = ['BadClipError', 'SkeletonStore', 'SkeletonStoreWriter', 'StoreError', *_PLACES]

__getattr__, __dir__ = lazy_attributes(__name__, _PLACES)
