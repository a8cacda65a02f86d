"""Where motion comes from: a body, characters, cameras, procedural motions, captures and their libraries."""

from .bvh import BvhError, Capture, read_bvh
from .library import LibrarySplit, MotionClip, MotionLibrary, write_library
from .retargeting import LIBRARY_LAYOUT, CaptureRetargeter, joint_weights, map_joints, resample
from .sources import LibrarySettings, capture_motion, procedural_motions
from .views import SEVEN_VIEWS, fold, view

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
    'capture_motion',
    'fold',
    'joint_weights',
    'map_joints',
    'procedural_motions',
    'read_bvh',
    'resample',
    'view',
    'write_library',
]
