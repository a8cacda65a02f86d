#!/usr/bin/env python
"""Convert Posetics, or its procedural stand-in, into a skeleton store.

    python tools/data/convert_posetics.py --src Posetics --out data/posetics/2d --workers 4

--src holds the folders train and val of JSON files, posetics_train_label.json and posetics_val_label.json.
"""

from __future__ import annotations

import argparse
import sys

from mmactrep.arguments import COUNT
from mmactrep.datasets.converters import Conversion, posetics
from mmactrep.datasets.converters.cli import add_pose_arguments, make_parser, run_command


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Arguments of the command."""
    parser = make_parser(__doc__)
    add_pose_arguments(parser)
    parser.add_argument('--max-frames', type=COUNT, default=300, help='frames kept of a clip')
    parser.add_argument('--folders', nargs=2, default=('train', 'val'), metavar=('TRAIN', 'VAL'))
    parser.add_argument(
        '--label-files',
        nargs=2,
        default=('posetics_train_label.json', 'posetics_val_label.json'),
        metavar=('TRAIN', 'VAL'),
    )
    return parser.parse_args(argv)


def build(args: argparse.Namespace) -> Conversion:
    """The conversion that the arguments ask for."""
    return posetics(
        args.src,
        dims=int(args.dims[0]),
        max_persons=args.max_persons,
        max_frames=args.max_frames,
        layout=args.layout,
        folders=tuple(args.folders),
        label_files=tuple(args.label_files),
    )


def main(argv: list[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    return run_command(parse_args(argv), build)


if __name__ == '__main__':
    sys.exit(main())
