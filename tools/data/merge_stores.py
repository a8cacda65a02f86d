"""Merge the parts of a store, as ``mmactrep merge`` does."""

from __future__ import annotations

import sys

from mmactrep.commands.merge import main

if __name__ == '__main__':
    sys.exit(main())
