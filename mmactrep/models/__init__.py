"""Models: importing this package registers them in :data:`mmactrep.registry.MODELS`."""

from .backbones import *  # noqa: F403
