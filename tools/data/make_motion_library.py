#!/usr/bin/env python
"""Make a motion library: procedural motions, captures and recordings, each on every character of its split.

    python tools/data/make_motion_library.py
    python tools/data/make_motion_library.py --bvh CAPTURES --out data/motion/mine
    python tools/data/make_motion_library.py --bvh CAPTURES --bank
    python tools/data/make_motion_library.py --bvh CAPTURES --bank \\
        --store data/utd_mhad/3d data/utkinect/3d::xsub_train::15

Motion autoencoders train on pairs from it (``MotionPairDataset``).
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from mmactrep.arguments import COUNT, FRAME_RATE, INDEX, SEED, plain_errors, printable
from mmactrep.datasets.converters.cli import default_root
from mmactrep.motion.capture_files import find_captures, told
from mmactrep.motion.joint_names import read_joint_mapping
from mmactrep.motion.library import MotionLibrary, refusing_to_overwrite, report_skipped, write_library
from mmactrep.motion.library_layout import LIBRARY_LAYOUT
from mmactrep.motion.recorded import RecordingSource
from mmactrep.motion.sources import LibrarySettings


#: Defaults with ``--bank``.
BANK = dict(characters=1, test_characters=1, performances=40, improvised=4000, frames=192)


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    default = LibrarySettings()
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        '--out',
        type=Path,
        help='folder to write (default: motion/synthetic or motion/bank in $MMACTREP_DATA_ROOT or data)',
    )
    parser.add_argument('--bvh', type=Path, metavar='DIR', help='folder with BVH captures to add')
    parser.add_argument(
        '--joints', type=Path, metavar='JSON', help="maps the captures' joint names to mmactrep's, where they are unknown"
    )
    parser.add_argument(
        '--store',
        nargs='+',
        default=[],
        metavar='STORE[::SPLIT[::FPS]]',
        help='skeleton stores with 3D clips to add to the training split (default of SPLIT: the one for training)',
    )
    for name, kind, what in (
        ('characters', COUNT, 'training characters'),
        ('test-characters', COUNT, 'test characters'),
        ('performances', COUNT, 'training performances per class'),
        ('test-performances', COUNT, 'test performances per class'),
        ('improvised', INDEX, 'varied training motions without a meaning'),
        ('frames', COUNT, 'frames per procedural motion'),
        ('seed', SEED, 'seed'),
    ):
        value = getattr(default, name.replace('-', '_'))
        parser.add_argument(f'--{name}', type=kind, default=value, metavar='N', help=f'{what} (%(default)s)')
    parser.add_argument('--fps', type=FRAME_RATE, default=default.fps, help='frames per second (%(default)s)')
    parser.add_argument(
        '--held-out', nargs='*', default=default.held_out, metavar='CLASS',
        help=f'classes that only the test split has ({" ".join(default.held_out)})',
    )  # fmt: skip
    parser.add_argument('--skip-bad', action='store_true', help='skip bad captures and list them')
    parser.add_argument('--overwrite', action='store_true', help='replace a finished library')
    parser.add_argument(
        '--bank',
        action='store_true',
        help='many motions on one character, of which MotionWindowDataset makes pairs on any body: '
        + ', '.join(f'{value} {name}' for name, value in BANK.items()),
    )
    if parser.parse_known_args(argv)[0].bank:
        parser.set_defaults(**BANK)
    return parser.parse_args(argv)


def settings_of(args: argparse.Namespace, captures: Sequence[Path] = ()) -> LibrarySettings:
    """Settings of the library from the command line.

    Raises:
        MotionError: If a number is invalid.
    """
    return LibrarySettings(
        characters=args.characters,
        test_characters=args.test_characters,
        performances=args.performances,
        test_performances=args.test_performances,
        held_out=tuple(args.held_out),
        improvised=args.improvised,
        frames=args.frames,
        fps=args.fps,
        seed=args.seed,
        captures=tuple(map(str, captures)),
        joints=read_joint_mapping(args.joints) if args.joints else None,
        recordings=tuple(map(RecordingSource.parse, args.store)),
    )


@plain_errors
def main(argv: list[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    args = parse_args(argv)
    root = args.out or default_root('motion') / ('bank' if args.bank else 'synthetic')
    start = time.perf_counter()
    captures = []
    if args.bvh:
        captures, passed_over = find_captures(args.bvh)
        print(printable(f'{args.bvh}: {len(captures)} captures{told(passed_over)}'))
    settings = settings_of(args, captures)
    # Folders differ from machine to machine; the content of the library does not.
    recorded = asdict(settings) | dict(
        captures=sorted(settings.capture_names.values()),
        recordings=[dict(name=source.name, split=source.split) for source in settings.recorded],
    )
    skipped = {} if args.skip_bad else None
    with refusing_to_overwrite():
        write_library(
            root, settings.splits(), LIBRARY_LAYOUT, settings.fps, settings.classes,
            dict(source='procedural motions, captures and recordings', settings=recorded), args.overwrite, skipped,
        )  # fmt: skip
    for split in ('train', 'test'):
        print(MotionLibrary(root, split))
    report_skipped(root, skipped)
    for source in settings.recorded:
        print(source.report())
    print(f'{time.perf_counter() - start:.1f} s')
    return 0


if __name__ == '__main__':
    sys.exit(main())
