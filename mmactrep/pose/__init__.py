"""From frames to skeletons. What needs more than numpy is loaded when it is asked for."""

from __future__ import annotations

import importlib

from .structures import FramePoses, PoseTrack, TrackedPose, boxes_around

_PLACES = dict(
    AggregatedPoses='aggregation',
    PoseEstimator='estimator',
    VideoFrames='video',
    aggregate='aggregation',
    aggregate_strict='aggregation_strict',
)

__all__ = ['FramePoses', 'PoseTrack', 'TrackedPose', 'boxes_around', *_PLACES]


def __getattr__(name: str):
    """Import a name of this package from where it is written."""
    if name not in _PLACES:
        raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
    return getattr(importlib.import_module(f'.{_PLACES[name]}', __name__), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
