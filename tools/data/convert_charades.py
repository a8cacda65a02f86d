#!/usr/bin/env python
"""Convert poses of Charades into a skeleton store with dense labels.

    python tools/data/convert_charades.py --src charades_poses --annotation charades.json --out
    data/charades/2d

--src is the folder of the pose files, one a video: .npz (array 'kpts', frames x joints x 2) or LCRNet++'s
.json. The annotation counts in seconds; frames a second are those of each video unless --fps is given.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from mmactrep.arguments import FRAME_RATE, PERSONS, PIXELS
from mmactrep.datasets.converters import Conversion, charades
from mmactrep.datasets.converters.cli import make_parser, run_command
from mmactrep.datasets.converters.conversion import read_class_file


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Arguments of the command."""
    parser = make_parser(__doc__)
    parser.add_argument('--annotation', type=Path, required=True, help='JSON with the actions, in seconds')
    parser.add_argument('--classes', type=Path, help='text file with a class name a line')
    parser.add_argument('--layout', default='posetics17', help='joint layout of the store (%(default)s)')
    parser.add_argument('--source-layout', default='coco17', help='joint layout of NPZ files (%(default)s)')
    parser.add_argument('--max-persons', type=PERSONS, default=1, help='persons kept (%(default)s)')
    parser.add_argument('--fps', type=FRAME_RATE, help='frames a second of the pose files')
    parser.add_argument('--img-shape', type=PIXELS, nargs=2, default=(480, 640), metavar=('H', 'W'))
    return parser.parse_args(argv)


def build(args: argparse.Namespace) -> Conversion:
    """The conversion that the arguments ask for."""
    return charades(
        args.src,
        args.annotation,
        args.layout,
        args.source_layout,
        args.max_persons,
        read_class_file(args.classes) if args.classes else None,
        args.fps,
        tuple(args.img_shape),
    )


def main(argv: list[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    return run_command(parse_args(argv), build)


if __name__ == '__main__':
    sys.exit(main())
