"""Motion with ground truth for motion autoencoders: captures, characters, views, and pairs of them."""

from .representation import (
    MotionStatistics,
    fill_missing,
    from_motion,
    motion_channels,
    motion_root,
    to_motion,
)

__all__ = [
    'MotionStatistics',
    'fill_missing',
    'from_motion',
    'motion_channels',
    'motion_root',
    'to_motion',
]
