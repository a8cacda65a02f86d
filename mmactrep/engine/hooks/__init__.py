from .atomic_checkpoint_hook import AtomicCheckpointHook
from .checkpoint_state_hooks import PlainCheckpointHook, RandomStateHook
from .contrastive_schedule_hooks import MomentumScheduleHook, TemperatureScheduleHook, half_cosine
from .dataset_check_hook import DatasetCheckHook
from .freeze_hook import FreezeHook
from .knn_hook import KNNHook
from .motion_statistics_hook import MotionStatisticsHook
from .overlay_check_hook import OverlayCheckHook
from .sample_seed_hook import SampleSeedHook
from .schedule_check_hook import ScheduleCheckHook

__all__ = [
    'AtomicCheckpointHook',
    'DatasetCheckHook',
    'FreezeHook',
    'KNNHook',
    'MomentumScheduleHook',
    'MotionStatisticsHook',
    'OverlayCheckHook',
    'PlainCheckpointHook',
    'RandomStateHook',
    'SampleSeedHook',
    'ScheduleCheckHook',
    'TemperatureScheduleHook',
    'half_cosine',
]
