"""Open a page on this machine to try a model on, as ``mmactrep serve`` does."""

from __future__ import annotations

import sys

from mmactrep.commands.serve import main, parse_args

__all__ = ['main', 'parse_args']

if __name__ == '__main__':
    sys.exit(main())
