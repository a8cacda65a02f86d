"""Fuse and report score files, as ``mmactrep fuse`` does."""

from __future__ import annotations

import sys

from mmactrep.commands.fuse import fuse_files, main, parse_args

__all__ = ['fuse_files', 'main', 'parse_args']

if __name__ == '__main__':
    sys.exit(main())
