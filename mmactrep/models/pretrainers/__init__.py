from .augmentation import SkeletonAugmentation
from .base import BasePretrainer
from .byol import BYOL
from .composition import MotionComposer
from .lac import LAC
from .moco import ContrastivePretrainer
from .supervised_lac import SupervisedLAC
from .tmor import TMOR
from .via import ViA
from .video import VideoBYOL, VideoFeatures, VideoPretrainer
from .view_synthesizer import MotionViewSynthesizer
from .views import Views

__all__ = [
    'BYOL',
    'BasePretrainer',
    'ContrastivePretrainer',
    'LAC',
    'MotionComposer',
    'MotionViewSynthesizer',
    'SkeletonAugmentation',
    'SupervisedLAC',
    'TMOR',
    'ViA',
    'VideoBYOL',
    'VideoFeatures',
    'VideoPretrainer',
    'Views',
]
