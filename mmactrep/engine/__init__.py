"""Hooks and wrappers for MMEngine's runner, imported on first use."""

from __future__ import annotations

from mmactrep.lazy_imports import lazy_attributes

_PLACES = dict(
    AutocastOptimWrapper='optim_wrappers',
    CPUDistributedDataParallel='model_wrappers',
    DatasetCheckHook='hooks',
    FreezeHook='hooks',
    KNNHook='hooks',
    LARS='optimizers',
    LeastIterationsTrainLoop='schedules',
    MomentumScheduleHook='hooks',
    MotionStatisticsHook='hooks',
    OverlayCheckHook='hooks',
    PlainCheckpointHook='hooks',
    RandomStateHook='hooks',
    SampleSeedHook='hooks',
    ScheduleCheckHook='hooks',
    TemperatureScheduleHook='hooks',
    WarmUpLR='schedules',
)

__all__ = [*_PLACES]

__getattr__, __dir__ = lazy_attributes(__name__, _PLACES)
