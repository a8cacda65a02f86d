from .frame_head import FrameHead, upsample_frames
from .linear_evaluation_head import LinearEvaluationHead, VideoLinearHead
from .text_head import TextHead

__all__ = ['FrameHead', 'LinearEvaluationHead', 'TextHead', 'VideoLinearHead', 'upsample_frames']
