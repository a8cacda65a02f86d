from .feature_store import FeatureStore
from .feature_writer import FeatureStoreWriter
from .format import BadClipError, StoreError
from .reader import SkeletonStore
from .video_store import VideoStore
from .video_writer import VideoStoreWriter
from .writer import SkeletonStoreWriter

__all__ = [
    'BadClipError',
    'FeatureStore',
    'FeatureStoreWriter',
    'SkeletonStore',
    'SkeletonStoreWriter',
    'StoreError',
    'VideoStore',
    'VideoStoreWriter',
]
