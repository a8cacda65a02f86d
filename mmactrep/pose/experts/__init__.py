from .base import ExpertUnavailableError, PoseExpert
from .builder import DEFAULT_EXPERTS, EXPERTS, GROUPS, available_experts, build_expert, build_experts
from .mediapipe_expert import MediaPipeExpert
from .mmpose_expert import MMPoseExpert
from .person_detector import PersonDetector
from .pose_files import read_pose_file
from .pose_formats import PoseFile
from .precomputed import PrecomputedExpert

__all__ = [
    'DEFAULT_EXPERTS',
    'EXPERTS',
    'GROUPS',
    'ExpertUnavailableError',
    'MMPoseExpert',
    'MediaPipeExpert',
    'PersonDetector',
    'PoseExpert',
    'PoseFile',
    'PrecomputedExpert',
    'available_experts',
    'build_expert',
    'build_experts',
    'read_pose_file',
]
