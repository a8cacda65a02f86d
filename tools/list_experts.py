"""List the pose experts and what they lack; with a video, time each of them on it."""

from __future__ import annotations

import sys

from mmactrep.pose.experts.survey import main

if __name__ == '__main__':
    sys.exit(main())
