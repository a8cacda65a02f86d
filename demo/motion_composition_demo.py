"""Compose two motions, as ``mmactrep compose`` does."""

from __future__ import annotations

import sys

from mmactrep.commands.compose import main

if __name__ == '__main__':
    sys.exit(main())
