"""Generate the stand-in for Posetics, as ``mmactrep standin`` does."""

from __future__ import annotations

import sys

from mmactrep.commands.standin import main

if __name__ == '__main__':
    sys.exit(main())
