# The registry comes first: it applies the work-arounds without which mmaction2's models do not import.
from mmactrep.registry import MODELS

from .backbones import *  # noqa: F403
from .generators import *  # noqa: F403
from .heads import *  # noqa: F403
from .losses import *  # noqa: F403
from .necks import *  # noqa: F403
from .pretrainers import *  # noqa: F403
from .segmentors import *  # noqa: F403

__all__ = ['MODELS']
