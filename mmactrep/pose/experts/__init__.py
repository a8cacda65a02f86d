from .base import ExpertUnavailableError, PoseExpert

__all__ = ['ExpertUnavailableError', 'PoseExpert']
