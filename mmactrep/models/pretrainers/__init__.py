from .augmentation import SkeletonAugmentation
from .base import BasePretrainer
from .composition import MotionComposer
from .contrastive_pretrainer import ContrastivePretrainer, Views
from .lac import LAC
from .momentum_encoder import MomentumEncoder
from .queue import FeatureQueue
from .supervised_lac import SupervisedLAC

__all__ = [
    'BasePretrainer',
    'ContrastivePretrainer',
    'FeatureQueue',
    'LAC',
    'MomentumEncoder',
    'MotionComposer',
    'SkeletonAugmentation',
    'SupervisedLAC',
    'Views',
]
