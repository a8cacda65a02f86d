"""Look at the clips of a data set, as ``mmactrep browse`` does."""

from __future__ import annotations

import sys

from mmactrep.commands.browse import config_clips, geometric_part, main, parse_args

__all__ = ['config_clips', 'geometric_part', 'main', 'parse_args']

if __name__ == '__main__':
    sys.exit(main())
