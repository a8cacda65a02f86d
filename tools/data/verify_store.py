#!/usr/bin/env python
"""Read whole skeleton stores and say whether they are sound.

    python tools/data/verify_store.py data/posetics data/smarthome

The exit status is 0 if all are.
"""

from __future__ import annotations

import argparse
import sys

from mmactrep.store.reader import SkeletonStore
from mmactrep.store.format import StoreError


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Arguments of the command."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('stores', nargs='+', help='folders of stores')
    parser.add_argument('--no-checksums', action='store_true', help='look at the contents only')
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    args = parse_args(argv)
    sound = True
    for root in args.stores:
        try:
            store = SkeletonStore(root)
            problems = store.verify(checksums=not args.no_checksums)
        except StoreError as error:
            problems = [str(error)]
        else:
            print(store)
        print(f'{root}: {"sound" if not problems else f"{len(problems)} problems"}')
        for problem in problems:
            print(f'  {problem}')
        sound &= not problems
    return 0 if sound else 1


if __name__ == '__main__':
    sys.exit(main())
