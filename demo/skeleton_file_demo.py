"""Recognize the actions of your own skeletons, as ``mmactrep skeletons`` does."""

from __future__ import annotations

import sys

from mmactrep.commands.skeletons import main

if __name__ == '__main__':
    sys.exit(main())
