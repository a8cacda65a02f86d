"""Decode videos once to small frames, as ``mmactrep cache`` does."""

from __future__ import annotations

import sys

from mmactrep.commands.cache import main

if __name__ == '__main__':
    sys.exit(main())
