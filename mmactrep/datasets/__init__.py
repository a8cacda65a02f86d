from .motion import MotionPairDataset
from .segmentation_dataset import SkeletonSegmentationDataset
from .skeleton_dataset import SkeletonDataset
from .store import BadClipError, SkeletonStore, SkeletonStoreWriter, StoreError

__all__ = [
    'BadClipError',
    'MotionPairDataset',
    'SkeletonDataset',
    'SkeletonSegmentationDataset',
    'SkeletonStore',
    'SkeletonStoreWriter',
    'StoreError',
]
