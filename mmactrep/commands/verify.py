"""Read whole stores (skeletons, features, caches of videos), and report whether they are intact.

    mmactrep verify data/posetics data/smarthome data/posetics_features/minilm_text

The exit status is 0 if all of them are.
"""

from __future__ import annotations

import argparse

from mmactrep.arguments import plain_errors, printable
from mmactrep.store.format import StoreError
from mmactrep.store.opening import open_store


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Arguments of the command."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('stores', nargs='+', help='folders of stores')
    parser.add_argument('--no-checksums', action='store_true', help='check only the contents')
    return parser.parse_args(argv)


def problems_of(root: str, checksums: bool) -> list[str]:
    """What is wrong with a store; a store that can be opened is printed."""
    try:
        store = open_store(root)
        print(store)
        return store.verify(checksums)
    except StoreError as error:
        return [str(error)]


@plain_errors
def main(argv: list[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    args = parse_args(argv)
    intact = True
    for root in args.stores:
        problems = problems_of(root, not args.no_checksums)
        count = f'{len(problems)} problem{"s" * (len(problems) > 1)}'
        print(f'{root}: {count if problems else "intact"}')
        for problem in problems:
            print(f'  {printable(problem)}')
        intact &= not problems
    return 0 if intact else 1
