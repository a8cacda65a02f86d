"""From frames to skeletons. Modules that need more than numpy are imported on first use."""

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
