#!/usr/bin/env python
"""Convert Penn Action into a skeleton store.

From the release's joint labels (a visible joint has score 1, a hidden but labelled one 0.5, a joint that was
never labelled 0):

    python tools/data/convert_penn_action.py --src Penn_Action/labels --out data/penn_action/2d

From poses estimated by SSTA-PRS, one JSON a clip (0001.json, ...):

    python tools/data/convert_penn_action.py --src POSES --labels Penn_Action/labels --out data/penn_action/2d
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from mmactrep.datasets.converters import Conversion, penn_action_json, penn_action_labels
from mmactrep.datasets.converters.cli import add_pose_arguments, make_parser, run_command


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Arguments of the command."""
    parser = make_parser(__doc__)
    parser.add_argument('--labels', type=Path, help='folder of the .mat labels; --src then holds JSON poses')
    add_pose_arguments(parser, max_persons=1)
    return parser.parse_args(argv)


def build(args: argparse.Namespace) -> Conversion:
    """The conversion that the arguments ask for."""
    if args.labels is None:
        if args.dims != '2d':
            raise ValueError('the joint labels are 2D; --dims 3d needs poses and --labels')
        return penn_action_labels(args.src, args.layout)
    return penn_action_json(args.src, args.labels, int(args.dims[0]), args.max_persons, args.layout)


def main(argv: list[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    return run_command(parse_args(argv), build)


if __name__ == '__main__':
    sys.exit(main())
