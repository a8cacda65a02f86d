"""Data sets of skeletons and videos. Names are imported on first use: the classes need torch."""

from __future__ import annotations

from mmactrep.lazy_imports import lazy_attributes

_PLACES = dict(
    **dict.fromkeys(('BadClipError', 'SkeletonStore', 'SkeletonStoreWriter', 'StoreError'), '.store'),
    ClassBalancedSampler='samplers',
    MixtureSampler='samplers',
    MotionPairDataset='motion_pairs',
    MotionWindowDataset='motion_windows',
    SkeletonDataset='skeleton_dataset',
    SkeletonSegmentationDataset='segmentation_dataset',
    CachedVideoDataset='video.cached_dataset',
    VideoClipDataset='video.dataset',
)

__all__ = [*_PLACES]

__getattr__, __dir__ = lazy_attributes(__name__, _PLACES)
