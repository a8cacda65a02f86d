#!/usr/bin/env python
"""Convert one of mmaction2's skeleton annotation files into a skeleton store, without trusting the pickle.

python tools/data/convert_mmaction_pickle.py --src ntu60_2d.pkl --out data/ntu60_2d
python tools/data/convert_mmaction_pickle.py --src mine.pkl --layout openpose18 --classes classes.txt
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from mmactrep.arguments import PERSONS
from mmactrep.datasets.converters import Conversion, mmaction_pickle
from mmactrep.datasets.converters.cli import make_parser, run_command


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Arguments of the command."""
    parser = make_parser(__doc__)
    parser.add_argument(
        '--layout', help="layout of the file's joints (default: coco17 or ntu25 by their number)"
    )
    parser.add_argument('--target-layout', help='layout of the store (default: the same)')
    parser.add_argument('--classes', type=Path, help='text file of class names, one a line')
    parser.add_argument('--split', help='split of all clips, where the file is a bare list')
    parser.add_argument('--max-persons', type=PERSONS, help='persons kept, the most active (default: all)')
    return parser.parse_args(argv)


def build(args: argparse.Namespace) -> Conversion:
    """The conversion that the arguments ask for."""
    return mmaction_pickle(
        args.src, args.layout, args.target_layout, args.classes, args.split, args.max_persons
    )


def main(argv: list[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    return run_command(parse_args(argv), build)


if __name__ == '__main__':
    sys.exit(main())
