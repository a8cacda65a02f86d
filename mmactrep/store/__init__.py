from .format import BadClipError, StoreError
from .reader import SkeletonStore
from .writer import SkeletonStoreWriter

__all__ = ['BadClipError', 'SkeletonStore', 'SkeletonStoreWriter', 'StoreError']
