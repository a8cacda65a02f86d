"""``python -m mmactrep.pose.experts``: what ``tools/list_experts.py`` does."""

import sys

from .survey import main

sys.exit(main())
