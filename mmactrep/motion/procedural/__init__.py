"""Procedural human motion: parametric motions, the rig that they move, and how clips of them are drawn."""

from .factors import Factors, motion_names
from .generator import CLEAN, DEFAULT_OPTIONS, MotionGenerator, SyntheticBatch, to_layout
from .improvisation import improvise
from .motions.base import MOTIONS
from .rig import Animation, Rig, compose, mirror, solve

__all__ = [
    'CLEAN',
    'DEFAULT_OPTIONS',
    'MOTIONS',
    'Animation',
    'Factors',
    'MotionGenerator',
    'Rig',
    'SyntheticBatch',
    'compose',
    'improvise',
    'mirror',
    'motion_names',
    'solve',
    'to_layout',
]
