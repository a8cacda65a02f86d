from .base import ExpertUnavailableError, PoseExpert, UnknownExpertError
from .builder import (
    DEFAULT_EXPERTS,
    EXPERTS,
    GROUPS,
    ExpertSpecError,
    available_experts,
    build_expert,
    build_experts,
)
from .mediapipe_expert import MediaPipeExpert
from .mmpose_expert import MMPoseExpert
from .person_detector import PersonDetector
from .pose_files import read_poses
from .pose_formats import PoseFile
from .precomputed import PrecomputedExpert

__all__ = [
    'DEFAULT_EXPERTS',
    'EXPERTS',
    'GROUPS',
    'ExpertSpecError',
    'ExpertUnavailableError',
    'MMPoseExpert',
    'MediaPipeExpert',
    'PersonDetector',
    'PoseExpert',
    'PoseFile',
    'PrecomputedExpert',
    'UnknownExpertError',
    'available_experts',
    'build_expert',
    'build_experts',
    'read_poses',
]
