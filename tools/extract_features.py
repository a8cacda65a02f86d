"""Extract features of texts and videos, as ``mmactrep features`` does."""

from __future__ import annotations

import sys

from mmactrep.commands.features import main

if __name__ == '__main__':
    sys.exit(main())
