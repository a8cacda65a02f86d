"""List the pose experts and what each lacks; with a video, time each expert on it."""

from __future__ import annotations

import sys

from mmactrep.pose.experts.survey import main

if __name__ == '__main__':
    sys.exit(main())
