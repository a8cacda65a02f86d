#!/usr/bin/env python
"""Convert Toyota Smarthome's poses (LCRNet++, SSTA-PRS) into a skeleton store with splits CS, CV1, CV2.

    python tools/data/convert_smarthome.py --src smarthome_skeletons --out data/smarthome/2d --workers 4

--src is the folder of the JSON files, Action_pXX_rXX_vXX_cXX_*.json.
"""

from __future__ import annotations

import argparse
import sys

from mmactrep.datasets.converters import Conversion, smarthome
from mmactrep.datasets.converters.cli import add_pose_arguments, make_parser, run_command


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Arguments of the command."""
    parser = make_parser(__doc__)
    add_pose_arguments(parser)
    return parser.parse_args(argv)


def build(args: argparse.Namespace) -> Conversion:
    """The conversion that the arguments ask for."""
    return smarthome(args.src, int(args.dims[0]), args.max_persons, args.layout)


def main(argv: list[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    return run_command(parse_args(argv), build)


if __name__ == '__main__':
    sys.exit(main())
