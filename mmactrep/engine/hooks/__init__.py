from .checkpoint_state_hooks import PlainCheckpointHook, RandomStateHook
from .dataset_check_hook import DatasetCheckHook
from .freeze_hook import FreezeHook
from .knn_hook import KNNHook
from .momentum_schedule_hook import MomentumScheduleHook
from .motion_statistics_hook import MotionStatisticsHook
from .sample_seed_hook import SampleSeedHook

__all__ = [
    'DatasetCheckHook',
    'FreezeHook',
    'KNNHook',
    'MomentumScheduleHook',
    'MotionStatisticsHook',
    'PlainCheckpointHook',
    'RandomStateHook',
    'SampleSeedHook',
]
