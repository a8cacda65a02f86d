"""Students of SSTA-PRS (thesis 3.3.3): classes that configs of mmdet and mmpose import by this module."""

from .anchor_pose_head import AnchorPoseHead
from .anchor_poses import AnchorPoseError
from .efficientnet_lite import EfficientNetLite, TrunkUnavailableError
from .lcrnet import AnchorPoseRoIHead, LCRNet
from .student_hooks import AnchorPoseHook, WholeStudentHook

__all__ = [
    'AnchorPoseError',
    'AnchorPoseHead',
    'AnchorPoseHook',
    'AnchorPoseRoIHead',
    'EfficientNetLite',
    'LCRNet',
    'TrunkUnavailableError',
    'WholeStudentHook',
]
