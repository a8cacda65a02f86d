"""Teach a recognizer on your own videos, as ``mmactrep teach`` does: ``python tools/teach.py VIDEOS``."""

from __future__ import annotations

import sys

from mmactrep.commands.teach import main

if __name__ == '__main__':
    sys.exit(main())
