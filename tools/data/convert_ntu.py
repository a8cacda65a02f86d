#!/usr/bin/env python
"""Convert the .skeleton files of NTU RGB+D 60 or 120 into a skeleton store.

    python tools/data/convert_ntu.py --src nturgb+d_skeletons --missing missing_60.txt --out data/ntu60/3d
    python tools/data/convert_ntu.py --num-classes 120 --src nturgb+d_skeletons \\
        nturgb+d_skeletons_s018_to_s032 --missing missing_120.txt --out data/ntu120/3d

--missing takes the published lists of clips whose skeletons are missing or incomplete.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from mmactrep.arguments import whole_number
from mmactrep.datasets.converters import Conversion, ntu
from mmactrep.datasets.converters.cli import add_pose_arguments, make_parser, run_command


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Arguments of the command."""
    parser = make_parser(__doc__, many_sources=True)
    add_pose_arguments(parser, dims='3d', layout='ntu25')
    parser.add_argument('--num-classes', type=whole_number(), choices=(60, 120), default=60, help='which of the two')
    parser.add_argument(
        '--missing', nargs='+', type=Path, default=[], help='lists of clips with missing skeletons'
    )
    return parser.parse_args(argv)


def build(args: argparse.Namespace) -> Conversion:
    """The conversion that the arguments ask for."""
    return ntu(args.src, args.num_classes, args.missing, int(args.dims[0]), args.max_persons, args.layout)


def main(argv: list[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    return run_command(parse_args(argv), build)


if __name__ == '__main__':
    sys.exit(main())
