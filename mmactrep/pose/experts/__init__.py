from .base import ExpertUnavailableError, PoseExpert
from .mediapipe_expert import MediaPipeExpert

__all__ = ['ExpertUnavailableError', 'MediaPipeExpert', 'PoseExpert']
