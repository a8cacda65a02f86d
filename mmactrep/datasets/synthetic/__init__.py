"""Procedural human motion: a body, motions, characters, cameras and estimator noise."""

from .body import BODY, forward_kinematics, place
from .cameras import IMAGE_SIZE, Cameras, project, to_camera
from .characters import character_offsets, sample_characters
from .factors import Factors, motion_names
from .generator import CLEAN, DEFAULT_OPTIONS, MotionGenerator, SyntheticBatch, to_layout
from .improvisation import improvise
from .motions import MOTIONS
from .noise import corrupt
from .posetics_writer import StandinSettings, write_standin
from .rig import Animation, Rig, compose, mirror, solve

__all__ = [
    'BODY',
    'CLEAN',
    'DEFAULT_OPTIONS',
    'IMAGE_SIZE',
    'MOTIONS',
    'Animation',
    'Cameras',
    'Factors',
    'MotionGenerator',
    'Rig',
    'StandinSettings',
    'SyntheticBatch',
    'character_offsets',
    'compose',
    'corrupt',
    'forward_kinematics',
    'improvise',
    'mirror',
    'motion_names',
    'place',
    'project',
    'sample_characters',
    'solve',
    'to_camera',
    'to_layout',
    'write_standin',
]
