"""Test a checkpoint, as ``mmactrep test`` does: ``python tools/test.py CONFIG CHECKPOINT ...``."""

from __future__ import annotations

import sys

from mmactrep.commands.test import build_config, main, parse_args

__all__ = ['build_config', 'main', 'parse_args']

if __name__ == '__main__':
    sys.exit(main())
