from .frame_head import FrameHead, upsample_frames
from .linear_evaluation_head import LinearEvaluationHead

__all__ = ['FrameHead', 'LinearEvaluationHead', 'upsample_frames']
