"""Verify that stores are intact, as ``mmactrep verify`` does."""

from __future__ import annotations

import sys

from mmactrep.commands.verify import main

if __name__ == '__main__':
    sys.exit(main())
