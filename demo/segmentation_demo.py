"""Find when which action happens, as ``mmactrep segment`` does."""

from __future__ import annotations

import sys

from mmactrep.commands.segment import main

if __name__ == '__main__':
    sys.exit(main())
