# The registry comes first: it applies workarounds without which mmaction2's models cannot be imported.
from mmactrep.registry import MODELS

from .backbones import *  # noqa: F403
from .generators import *  # noqa: F403
from .heads import *  # noqa: F403
from .losses import *  # noqa: F403
from .necks import *  # noqa: F403
from .pretrainers import *  # noqa: F403
from .segmentors import *  # noqa: F403

__all__ = ['MODELS']
