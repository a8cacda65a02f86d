"""Pose experts, which find persons in frames or read what another program found.

Names are imported on first use.
"""

from __future__ import annotations

from mmactrep.lazy_imports import lazy_attributes

_PLACES = dict(
    DEFAULT_EXPERTS='builder',
    EXPERTS='builder',
    GROUPS='builder',
    ExpertSpecError='builder',
    ExpertUnavailableError='base',
    LCRNetExpert='lcrnet_expert',
    MMPoseExpert='mmpose_expert',
    MediaPipeExpert='mediapipe_expert',
    MoveNetExpert='movenet_expert',
    MultiposeFinder='person_finder',
    PersonDetector='person_detector',
    PoseExpert='base',
    PoseFile='pose_formats',
    PrecomputedExpert='precomputed',
    UnknownExpertError='base',
    available_experts='builder',
    build_expert='builder',
    build_experts='builder',
    default_group='builder',
    read_poses='pose_files',
)

__all__ = [*_PLACES]

__getattr__, __dir__ = lazy_attributes(__name__, _PLACES)
