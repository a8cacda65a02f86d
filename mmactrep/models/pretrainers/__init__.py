from .augmentation import SkeletonAugmentation
from .base import BasePretrainer
from .composition import MotionComposer
from .lac import LAC
from .moco import ContrastivePretrainer, Views
from .supervised_lac import SupervisedLAC
from .tmor import TMOR
from .via import ViA
from .view_synthesizer import MotionViewSynthesizer

__all__ = [
    'BasePretrainer',
    'ContrastivePretrainer',
    'LAC',
    'MotionComposer',
    'MotionViewSynthesizer',
    'SkeletonAugmentation',
    'SupervisedLAC',
    'TMOR',
    'ViA',
    'Views',
]
