"""Edit motions with a generator, as ``mmactrep edit`` does."""

from __future__ import annotations

import sys

from mmactrep.commands.edit import main

if __name__ == '__main__':
    sys.exit(main())
