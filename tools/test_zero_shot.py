"""Test on classes that were not trained on, as ``mmactrep zero-shot`` does."""

from __future__ import annotations

import sys

from mmactrep.commands.zero_shot import main

if __name__ == '__main__':
    sys.exit(main())
