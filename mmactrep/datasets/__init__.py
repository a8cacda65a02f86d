from mmactrep.store.format import BadClipError, StoreError
from mmactrep.store.reader import SkeletonStore
from mmactrep.store.writer import SkeletonStoreWriter

from .motion_pairs import MotionPairDataset
from .motion_windows import MotionWindowDataset
from .segmentation_dataset import SkeletonSegmentationDataset
from .skeleton_dataset import SkeletonDataset

__all__ = [
    'BadClipError',
    'MotionPairDataset',
    'MotionWindowDataset',
    'SkeletonDataset',
    'SkeletonSegmentationDataset',
    'SkeletonStore',
    'SkeletonStoreWriter',
    'StoreError',
]
