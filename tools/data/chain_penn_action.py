#!/usr/bin/env python
"""Chain trimmed clips into long sequences with a label for every frame.

    python tools/data/chain_penn_action.py --src data/penn_action/2d --out data/penn_chained/2d

Every clip of every split is used once; clips are moved and scaled to continue each other, with unlabelled
transitions between them.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from mmactrep.arguments import SEED, plain_errors, whole_number
from mmactrep.datasets.chaining import write_chained
from mmactrep.datasets.converters.cli import default_root
from mmactrep.store.reader import SkeletonStore


@plain_errors
def main(argv: list[str] | None = None) -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('--src', type=Path, help='store of trimmed clips (default: penn_action/2d)')
    parser.add_argument('--out', type=Path, help='store to write (default: penn_chained/2d)')
    parser.add_argument('--clips', type=whole_number(1, 1000), default=12, help='clips per sequence (%(default)s)')
    parser.add_argument(
        '--gap', type=whole_number(0, 10_000), nargs=2, default=(6, 30), help='frames per transition, minimum and maximum'
    )
    parser.add_argument('--seed', type=SEED, default=0)
    parser.add_argument('--overwrite', action='store_true', help='replace a finished store')
    args = parser.parse_args(argv)
    if args.gap[0] > args.gap[1]:
        parser.error(f'argument --gap: expected minimum and maximum, found {args.gap[0]} and {args.gap[1]}')
    source = SkeletonStore(args.src or default_root('penn_action/2d'))
    out = args.out or default_root('penn_chained/2d')
    count = write_chained(source, out, args.clips, tuple(args.gap), args.seed, args.overwrite)
    frames = int(SkeletonStore(out).index['frames'].sum())
    print(f'{out}: {count} sequences, {frames} frames')
    return 0


if __name__ == '__main__':
    sys.exit(main())
