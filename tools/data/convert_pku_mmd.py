#!/usr/bin/env python
"""Convert PKU-MMD's skeletons and labels into a skeleton store with dense labels, splits CS and CV.

    python tools/data/convert_pku_mmd.py --src Skeleton --labels Label --cross-subject Split/cross-subject.txt

--src holds XXXX-V.skeleton, --labels XXXX-V.label. Without --cross-subject the CS splits are empty.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from mmactrep.arguments import PERSONS
from mmactrep.datasets.converters import Conversion, pku_mmd
from mmactrep.datasets.converters.cli import make_parser, run_command
from mmactrep.datasets.converters.conversion import read_class_file


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Arguments of the command."""
    parser = make_parser(__doc__)
    parser.add_argument('--labels', type=Path, required=True, help='folder of the .label files')
    parser.add_argument('--cross-subject', type=Path, help="the release's list of the cross-subject split")
    parser.add_argument('--classes', type=Path, help='text file with a class name a line')
    parser.add_argument('--max-persons', type=PERSONS, choices=(1, 2), default=2)
    return parser.parse_args(argv)


def build(args: argparse.Namespace) -> Conversion:
    """The conversion that the arguments ask for."""
    classes = read_class_file(args.classes) if args.classes else None
    return pku_mmd(args.src, args.labels, args.cross_subject, args.max_persons, classes)


def main(argv: list[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    return run_command(parse_args(argv), build)


if __name__ == '__main__':
    sys.exit(main())
