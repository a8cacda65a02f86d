from .checkpoint_state_hooks import PlainCheckpointHook, RandomStateHook
from .dataset_check_hook import DatasetCheckHook
from .freeze_hook import FreezeHook
from .sample_seed_hook import SampleSeedHook

__all__ = [
    'DatasetCheckHook',
    'FreezeHook',
    'PlainCheckpointHook',
    'RandomStateHook',
    'SampleSeedHook',
]
