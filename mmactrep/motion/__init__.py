"""Where motion comes from: a body, characters, cameras, procedural motions, captures and their libraries.

Names are imported on first use.
"""

from __future__ import annotations

from mmactrep.lazy_imports import lazy_attributes

_PLACES = dict(
    LIBRARY_LAYOUT='library_layout',
    SEVEN_VIEWS='views',
    BvhError='errors',
    Capture='bvh',
    CaptureRetargeter='retargeting',
    LibrarySettings='sources',
    LibrarySplit='library',
    MotionClip='library',
    MotionError='errors',
    MotionLibrary='library',
    capture_motion='sources',
    fold='views',
    joint_weights='library_layout',
    map_joints='library_layout',
    procedural_motions='sources',
    read_bvh='bvh',
    resample='retargeting',
    view='views',
    write_library='library',
)

__all__ = [*_PLACES]

__getattr__, __dir__ = lazy_attributes(__name__, _PLACES)
