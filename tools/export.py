"""Write a model for ONNX Runtime or with torch.export, as ``mmactrep export`` does."""

from __future__ import annotations

import sys

from mmactrep.commands.export import main, parse_args

__all__ = ['main', 'parse_args']

if __name__ == '__main__':
    sys.exit(main())
