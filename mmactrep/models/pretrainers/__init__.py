from .augmentation import SkeletonAugmentation
from .base import BasePretrainer
from .composition import MotionComposer
from .lac import LAC
from .moco import ContrastivePretrainer, Views
from .supervised_lac import SupervisedLAC
from .via import ViA

__all__ = [
    'BasePretrainer',
    'ContrastivePretrainer',
    'LAC',
    'MotionComposer',
    'SkeletonAugmentation',
    'SupervisedLAC',
    'ViA',
    'Views',
]
