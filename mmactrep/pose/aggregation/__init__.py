"""SST-A: aggregation of several experts' poses of a person in space and time (thesis 3.3.2)."""

from .sst_a import AggregatedPoses, aggregate
from .strict import aggregate_strict

__all__ = ['AggregatedPoses', 'aggregate', 'aggregate_strict']
