#!/usr/bin/env python
"""Write the lists of videos and labels of a data set.

    python tools/data/annotate_videos.py DATASET --videos FOLDER --out LISTS [--check]

``--help`` lists the data sets, ``DATASET --help`` the options of each one. LISTS then has a file of lines
'path label' for each split, classes.txt, and absent.txt and bad.txt with what is left out.
"""

from __future__ import annotations

import sys

from mmactrep.datasets.video.annotations.cli import main

if __name__ == '__main__':
    sys.exit(main())
