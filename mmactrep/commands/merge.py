"""Merge skeleton stores or feature stores, in particular the shards of an extraction.

The shards of one run, which lie beside the store that they become:

    mmactrep merge --out data/mine/2d

finds data/mine/2d.shard-*-of-*, stops if one is absent, and writes what a single run would have written. Or
any stores with the same layout, classes and settings, or features of one teacher, in this order:

    mmactrep merge PART PART ... --out data/mine/2d

Every part is verified before anything is written. The exit status is 3 if the shards skipped videos; they
are listed in OUT.skipped.txt.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from mmactrep.arguments import plain_errors
from mmactrep.pose.extraction.merging import merge_stores
from mmactrep.pose.extraction.report import ExtractionReport, read_skipped
from mmactrep.store.shards import EMPTY, find_shards

SKIPPED_STATUS = 3


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Arguments of the command."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('parts', nargs='*', type=Path, help='stores, in order (default: the shards of --out)')
    parser.add_argument('--out', required=True, type=Path, help='folder of the store')
    parser.add_argument('--no-verify', action='store_true', help='do not verify the parts first')
    parser.add_argument('--overwrite', action='store_true', help='replace a finished store')
    return parser.parse_args(argv)


@plain_errors
def main(argv: list[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    args = parse_args(argv)
    parts = args.parts or find_shards(args.out)
    store = merge_stores(parts, args.out, overwrite=args.overwrite, checksums=not args.no_verify)
    report = ExtractionReport(args.out)
    for part in parts:
        root = part.with_name(part.name.removesuffix(EMPTY))
        report.skipped |= read_skipped(ExtractionReport(root).skipped_file)
    report.write_skipped()
    print(f'{args.out}: {len(store)} clips from {len(parts)} parts')
    if report.skipped:
        print(f'the parts skipped {len(report.skipped)} videos, listed in {report.skipped_file}')
    return SKIPPED_STATUS if report.skipped else 0
