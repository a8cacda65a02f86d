#!/usr/bin/env python
"""Convert Toyota Smarthome Untrimmed's poses into a skeleton store with dense labels, splits CS and CV.

    python tools/data/convert_tsu.py --src tsu_poses --annotation tsu_annotation.json --out data/tsu/2d

--src is the folder of the pose files, PxxTxxCxx_*.npz (array 'kpts') or LCRNet++'s .json. CS is the
annotation's own 'subset'; CV takes cameras 1, 3, 4, 6, 7 for training and 2 for test, unless told otherwise.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from mmactrep.arguments import PERSONS, whole_number
from mmactrep.datasets.converters import Conversion, tsu
from mmactrep.datasets.converters.cli import make_parser, run_command
from mmactrep.datasets.converters.conversion import read_class_file
from mmactrep.datasets.converters.tsu import CV_TEST_CAMERAS, CV_TRAIN_CAMERAS


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Arguments of the command."""
    parser = make_parser(__doc__)
    parser.add_argument('--annotation', type=Path, required=True, help='JSON with the actions, in frames')
    parser.add_argument('--classes', type=Path, help='text file with a class name a line')
    parser.add_argument('--layout', default='posetics17', help='joint layout of the store (%(default)s)')
    parser.add_argument('--max-persons', type=PERSONS, default=1, help='persons kept (%(default)s)')
    parser.add_argument('--cv-train-cameras', type=whole_number(0, 1000), nargs='+', default=CV_TRAIN_CAMERAS)
    parser.add_argument('--cv-test-cameras', type=whole_number(0, 1000), nargs='+', default=CV_TEST_CAMERAS)
    return parser.parse_args(argv)


def build(args: argparse.Namespace) -> Conversion:
    """The conversion that the arguments ask for."""
    return tsu(
        args.src,
        args.annotation,
        args.layout,
        args.max_persons,
        read_class_file(args.classes) if args.classes else None,
        args.cv_train_cameras,
        args.cv_test_cameras,
    )


def main(argv: list[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    return run_command(parse_args(argv), build)


if __name__ == '__main__':
    sys.exit(main())
