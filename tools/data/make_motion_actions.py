#!/usr/bin/env python
"""Make a store of labelled 3D actions from procedural motions and captures, for cross-view recognition.

    python tools/data/make_motion_actions.py --bvh BANDAI_NAMCO

Classes are the procedural motions and the contents of the Bandai-Namco Research Motiondataset, whose files are
named dataset-N_CONTENT_STYLE_TAKE.bvh; other captures are left out.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import asdict
from pathlib import Path

from mmactrep.arguments import COUNT, SEED, plain_errors, printable
from mmactrep.datasets.converters.cli import default_root
from mmactrep.motion.actions import SPLITS, write_actions
from mmactrep.motion.capture_files import find_captures, told
from mmactrep.motion.library import refusing_to_overwrite, report_skipped
from mmactrep.motion.sources import LibrarySettings
from mmactrep.store.reader import SkeletonStore


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        '--out', type=Path, help='folder to write (default: library/3d in $MMACTREP_DATA_ROOT or data)'
    )
    parser.add_argument('--bvh', type=Path, metavar='DIR', help='folder with BVH captures to add')
    for name, default, what in (
        ('characters', 20, 'training characters'),
        ('test-characters', 8, 'test characters'),
        ('performances', 8, 'training performances of a procedural motion'),
        ('test-performances', 4, 'test performances of a procedural motion'),
        ('frames', 96, 'frames of a procedural motion'),
    ):
        parser.add_argument(
            f'--{name}', type=COUNT, default=default, metavar='N', help=f'{what} (%(default)s)'
        )
    parser.add_argument('--seed', type=SEED, default=0, help='seed (%(default)s)')
    parser.add_argument('--skip-bad', action='store_true', help='skip bad captures and list them')
    parser.add_argument('--overwrite', action='store_true', help='replace a finished store')
    return parser.parse_args(argv)


@plain_errors
def main(argv: list[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    args = parse_args(argv)
    root, start, captures = args.out or default_root('library') / '3d', time.perf_counter(), []
    if args.bvh:
        captures, passed_over = find_captures(args.bvh)
        print(printable(f'{args.bvh}: {len(captures)} captures{told(passed_over)}'))
    settings = LibrarySettings(
        characters=args.characters,
        test_characters=args.test_characters,
        performances=args.performances,
        test_performances=args.test_performances,
        improvised=0,
        held_out=(),
        frames=args.frames,
        seed=args.seed,
        captures=tuple(map(str, captures)),
    )
    recorded = asdict(settings) | dict(captures=sorted(settings.capture_names.values()))
    skipped = {} if args.skip_bad else None
    with refusing_to_overwrite():
        write_actions(
            root,
            settings,
            dict(source='procedural motions and captures', settings=recorded),
            args.overwrite,
            skipped,
        )
    store = SkeletonStore(root)
    counts = ', '.join(f'{len(store.split(name))} {name}' for name in SPLITS)
    print(f'{root}: {len(store.classes)} classes; clips: {counts}')
    report_skipped(root, skipped)
    print(f'{time.perf_counter() - start:.1f} s')
    return 0


if __name__ == '__main__':
    sys.exit(main())
