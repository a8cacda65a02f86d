"""Build a skeleton data set from videos, as ``mmactrep build`` does."""

from __future__ import annotations

import sys

from mmactrep.commands.build import main

if __name__ == '__main__':
    sys.exit(main())
