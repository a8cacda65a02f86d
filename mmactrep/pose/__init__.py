"""From frames to skeletons. What needs more than numpy is loaded when it is asked for."""

from __future__ import annotations

from mmactrep.lazy_imports import lazy_attributes

_PLACES = dict(
    AggregatedPoses='aggregation.sst_a',
    PoseEstimator='estimator',
    aggregate='aggregation.sst_a',
    aggregate_strict='aggregation.strict',
)

__all__ = list(_PLACES)

__getattr__, __dir__ = lazy_attributes(__name__, _PLACES)
