"""``python -m mmactrep`` is the command ``mmactrep``."""

import sys

from mmactrep.cli import main

if __name__ == '__main__':
    sys.exit(main())
