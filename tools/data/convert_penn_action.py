#!/usr/bin/env python
"""``python tools/data/convert.py penn_action``, under the name that it had when every data set had a script."""

from __future__ import annotations

import sys

from mmactrep.datasets.converters.cli import command_of

main = command_of('penn_action')

if __name__ == '__main__':
    sys.exit(main())
