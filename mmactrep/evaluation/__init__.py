"""Evaluation: functions on arrays, and MMEngine metrics, which are imported on first use."""

from __future__ import annotations

from mmactrep.lazy_imports import lazy_attributes

from . import functional
from .functional import *  # noqa: F403

_PLACES = dict(
    ClassificationMetric='metrics',
    PoseMetric='metrics',
    RetargetingMetric='metrics',
    ScoreDump='metrics',
    ScoreTable='metrics',
    SegmentationMetric='metrics',
    StudentMetric='metrics',
    ZeroShotMetric='metrics',
)

__all__ = [*functional.__all__, *_PLACES]

__getattr__, __dir__ = lazy_attributes(__name__, _PLACES)
