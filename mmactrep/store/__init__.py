from .feature_store import FeatureStore
from .feature_writer import FeatureStoreWriter
from .format import BadClipError, StoreError
from .reader import SkeletonStore
from .writer import SkeletonStoreWriter

__all__ = [
    'BadClipError',
    'FeatureStore',
    'FeatureStoreWriter',
    'SkeletonStore',
    'SkeletonStoreWriter',
    'StoreError',
]
