"""Action representation learning from human motion, an extension of mmaction2."""

from .version import __version__

__all__ = ['__version__']
