from .joint_mapping import JointMapping
from .layouts import UnknownLayoutError, get_layout, list_layouts, register_layout
from .missing_joints import joint_scores, seen_joints
from .skeleton_layout import SkeletonLayout, UnknownSidesError, check_joint_count

__all__ = [
    'JointMapping',
    'SkeletonLayout',
    'UnknownLayoutError',
    'UnknownSidesError',
    'check_joint_count',
    'get_layout',
    'joint_scores',
    'list_layouts',
    'register_layout',
    'seen_joints',
]
