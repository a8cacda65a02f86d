"""Extract the poses of videos into a store, as ``mmactrep extract`` does."""

from __future__ import annotations

import sys

from mmactrep.commands.extract import main

if __name__ == '__main__':
    sys.exit(main())
