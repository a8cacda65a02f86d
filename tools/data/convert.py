#!/usr/bin/env python
"""Convert a data set into a skeleton store.

    python tools/data/convert.py DATASET --src FILES [--out STORE] [--skip-bad] [--workers N]

``--help`` lists the data sets, ``DATASET --help`` the options of each one.
"""

from __future__ import annotations

import sys

from mmactrep.datasets.converters.cli import main

if __name__ == '__main__':
    sys.exit(main())
