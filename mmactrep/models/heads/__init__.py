from .frame_head import FrameHead, upsample_frames

__all__ = ['FrameHead', 'upsample_frames']
