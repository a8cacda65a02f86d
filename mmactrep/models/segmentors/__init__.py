from .skeleton_segmentor import SkeletonSegmentor
from .window_merger import BLENDINGS, WindowMerger, blending_weights

__all__ = ['BLENDINGS', 'SkeletonSegmentor', 'WindowMerger', 'blending_weights']
