"""Recognize the actions in videos, or in a stream, as ``mmactrep demo`` does."""

from __future__ import annotations

import sys

from mmactrep.commands.demo import main

if __name__ == '__main__':
    sys.exit(main())
