"""Find clips by a sentence, as ``mmactrep search`` does."""

from __future__ import annotations

import sys

from mmactrep.commands.search import main

if __name__ == '__main__':
    sys.exit(main())
