"""Motion with ground truth for motion autoencoders: captures, characters, views, and pairs of them."""

from .bvh import BvhError, Capture, read_bvh
from .library import LibrarySplit, MotionClip, MotionLibrary, write_library
from .pairs import MotionPairDataset, Static
from .representation import (
    MotionStatistics,
    fill_missing,
    from_motion,
    motion_channels,
    motion_root,
    to_motion,
)
from .retargeting import LIBRARY_LAYOUT, CaptureRetargeter, joint_weights, map_joints, resample
from .sources import LibrarySettings, capture_motion, procedural_motions
from .views import SEVEN_VIEWS, fold, view, window_starts

__all__ = [
    'LIBRARY_LAYOUT',
    'SEVEN_VIEWS',
    'BvhError',
    'Capture',
    'CaptureRetargeter',
    'LibrarySettings',
    'LibrarySplit',
    'MotionClip',
    'MotionLibrary',
    'MotionPairDataset',
    'MotionStatistics',
    'Static',
    'capture_motion',
    'fill_missing',
    'fold',
    'from_motion',
    'joint_weights',
    'map_joints',
    'motion_channels',
    'motion_root',
    'procedural_motions',
    'read_bvh',
    'resample',
    'to_motion',
    'view',
    'window_starts',
    'write_library',
]
