from .hooks import *  # noqa: F403
from .model_wrappers import CPUDistributedDataParallel
from .optim_wrappers import AutocastOptimWrapper
from .schedules import LeastIterationsTrainLoop, WarmUpLR

__all__ = ['AutocastOptimWrapper', 'CPUDistributedDataParallel', 'LeastIterationsTrainLoop', 'WarmUpLR']
