from .frame_head import FrameHead, upsample_frames
from .linear_evaluation_head import LinearEvaluationHead, VideoLinearHead
from .statistics_head import PersonStatisticsHead
from .text_head import TextHead

__all__ = [
    'FrameHead',
    'LinearEvaluationHead',
    'PersonStatisticsHead',
    'TextHead',
    'VideoLinearHead',
    'upsample_frames',
]
