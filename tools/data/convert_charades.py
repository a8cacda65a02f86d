#!/usr/bin/env python
"""``python tools/data/convert.py charades``, under the name that it had when every data set had a script."""

from __future__ import annotations

import sys

from mmactrep.datasets.converters.cli import command_of

main = command_of('charades')

if __name__ == '__main__':
    sys.exit(main())
