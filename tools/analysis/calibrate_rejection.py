"""Let a recognizer say when a motion is none of its classes, as ``mmactrep calibrate`` does."""

from __future__ import annotations

import sys

from mmactrep.commands.calibrate import main

if __name__ == '__main__':
    sys.exit(main())
