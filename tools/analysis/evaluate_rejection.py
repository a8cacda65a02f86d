"""How many motions of other classes a model takes for its own, as ``mmactrep rejection`` tells."""

from __future__ import annotations

import sys

from mmactrep.commands.rejection import main

if __name__ == '__main__':
    sys.exit(main())
