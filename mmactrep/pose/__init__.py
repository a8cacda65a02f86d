"""From frames to skeletons. What needs more than numpy is loaded when it is asked for."""

from __future__ import annotations

from mmactrep.lazy_imports import lazy_attributes

from .structures import FramePoses, PoseTrack, TrackedPose, boxes_around

_PLACES = dict(
    AggregatedPoses='aggregation',
    PoseEstimator='estimator',
    VideoFrames='video',
    aggregate='aggregation',
    aggregate_strict='aggregation_strict',
)

__all__ = ['FramePoses', 'PoseTrack', 'TrackedPose', 'boxes_around', *_PLACES]

__getattr__, __dir__ = lazy_attributes(__name__, _PLACES)
