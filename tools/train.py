"""Train a model, as ``mmactrep train`` does: ``python tools/train.py CONFIG ...``."""

from __future__ import annotations

import sys

from mmactrep.commands.train import build_config, main, parse_args

__all__ = ['build_config', 'main', 'parse_args']

if __name__ == '__main__':
    sys.exit(main())
