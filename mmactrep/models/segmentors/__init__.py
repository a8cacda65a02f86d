from .skeleton_segmentor import SkeletonSegmentor

__all__ = ['SkeletonSegmentor']
