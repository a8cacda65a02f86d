"""Procedural human motion: parametric motions, the rig that they move, and how clips of them are drawn.

Names are imported on first use.
"""

from __future__ import annotations

from mmactrep.lazy_imports import lazy_attributes

_PLACES = dict(
    CLEAN='generator',
    DEFAULT_OPTIONS='generator',
    MOTIONS='motions.base',
    Animation='rig',
    Factors='factors',
    MotionGenerator='generator',
    Rig='rig',
    SyntheticBatch='generator',
    combine_rigs='rig',
    improvise='improvisation',
    mirror_rig='rig',
    motion_names='factors',
    solve='rig',
    to_layout='generator',
)

__all__ = [*_PLACES]

__getattr__, __dir__ = lazy_attributes(__name__, _PLACES)
