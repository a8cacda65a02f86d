#!/usr/bin/env python
"""Convert UAV-Human's text skeletons into a skeleton store with the splits of CSv1 and CSv2.

python tools/data/convert_uav_human.py --src UAVHuman/Skeleton --out data/uav_human/2d --workers 4
"""

from __future__ import annotations

import argparse
import sys

from mmactrep.arguments import PIXELS
from mmactrep.datasets.converters import Conversion, uav_human
from mmactrep.datasets.converters.cli import add_pose_arguments, make_parser, run_command


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Arguments of the command."""
    parser = make_parser(__doc__)
    add_pose_arguments(parser)
    parser.add_argument(
        '--img-shape', type=PIXELS, nargs=2, default=(1080, 1920), metavar=('H', 'W'), help='size of the videos'
    )
    return parser.parse_args(argv)


def build(args: argparse.Namespace) -> Conversion:
    """The conversion that the arguments ask for."""
    return uav_human(args.src, int(args.dims[0]), args.max_persons, args.layout, tuple(args.img_shape))


def main(argv: list[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    return run_command(parse_args(argv), build)


if __name__ == '__main__':
    sys.exit(main())
