#!/usr/bin/env python
"""Make untrimmed procedural sequences with co-occurring, densely labelled actions, in the format of TSU.

    python tools/data/make_untrimmed.py --out data/untrimmed/raw --train 60 --test 20
    python tools/data/convert.py tsu --src data/untrimmed/raw \\
        --annotation data/untrimmed/raw/annotation.json --classes data/untrimmed/raw/classes.txt \\
        --out data/untrimmed/2d

An interrupted run resumes where it stopped.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tqdm import tqdm

from mmactrep.arguments import FRAME_RATE, SEED, SHARE, plain_errors, whole_number
from mmactrep.datasets.standins.untrimmed import FIT_MOTIONS, UNTRIMMED_MOTIONS, write_untrimmed


@plain_errors
def main(argv: list[str] | None = None) -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('--out', type=Path, required=True, help='folder to write to')
    parser.add_argument('--train', type=whole_number(1, 998), default=60, help='training sequences (%(default)s)')
    parser.add_argument('--test', type=whole_number(1, 998), default=20, help='test sequences (%(default)s)')
    parser.add_argument('--frames', type=whole_number(100, 100_000), default=1200, help='frames per sequence (%(default)s)')
    parser.add_argument('--fps', type=FRAME_RATE, default=20.0, help='frames per second (%(default)s)')
    parser.add_argument(
        '--classes',
        nargs='+',
        default=UNTRIMMED_MOTIONS,
        choices=FIT_MOTIONS,
        metavar='NAME',
        help=f'motions that serve as classes (default: {len(UNTRIMMED_MOTIONS)}, all but stand and run)',
    )
    parser.add_argument(
        '--co-occurring', type=SHARE, default=0.7, help='share of leg actions during which the arms may act too'
    )
    parser.add_argument('--seed', type=SEED, default=0)
    parser.add_argument('--quiet', action='store_true', help='no progress bar')
    args = parser.parse_args(argv)
    with tqdm(total=args.train + args.test, unit='sequence', disable=args.quiet) as bar:
        write_untrimmed(
            args.out, args.train, args.test, args.frames, args.fps, tuple(args.classes), args.co_occurring,
            args.seed, lambda done, total: bar.update(done - bar.n),
        )  # fmt: skip
    print(f'{args.out}: {args.train} training and {args.test} test sequences of {args.frames} frames')
    return 0


if __name__ == '__main__':
    sys.exit(main())
