#!/usr/bin/env python
"""Make a motion library: procedural motions and captures, each on every character of its split.

    python tools/data/make_motion_library.py
    python tools/data/make_motion_library.py --bvh CAPTURES --out data/motion/mine
    python tools/data/make_motion_library.py --bvh CAPTURES --bank

Motion autoencoders train on pairs of it (``MotionPairDataset``).
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from mmactrep.arguments import COUNT, FRAME_RATE, INDEX, SEED
from mmactrep.datasets.converters.cli import default_root
from mmactrep.motion.joint_names import read_joint_mapping
from mmactrep.motion.library import MotionLibrary, write_library
from mmactrep.motion.library_layout import LIBRARY_LAYOUT
from mmactrep.motion.sources import LibrarySettings
from mmactrep.store.format import StoreError


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
        '--joints', type=Path, metavar='JSON', help="the captures' joint names to mmactrep's, where unknown"
    )
    for name, kind, what in (
        ('characters', COUNT, 'training characters'),
        ('test-characters', COUNT, 'test characters'),
        ('performances', COUNT, 'training performances of every class'),
        ('test-performances', COUNT, 'test performances of every class'),
        ('improvised', INDEX, 'training motions that mean nothing and vary much'),
        ('frames', COUNT, 'frames of a procedural motion'),
        ('seed', SEED, 'seed'),
    ):
        value = getattr(default, name.replace('-', '_'))
        parser.add_argument(f'--{name}', type=kind, default=value, metavar='N', help=f'{what} (%(default)s)')
    parser.add_argument('--fps', type=FRAME_RATE, default=default.fps, help='frames a second (%(default)s)')
    parser.add_argument(
        '--held-out', nargs='*', default=default.held_out, metavar='CLASS',
        help=f'classes that only the test split has ({" ".join(default.held_out)})',
    )  # fmt: skip
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


def settings_of(args: argparse.Namespace) -> LibrarySettings:
    """Settings of the library from the command line.

    Raises:
        ValueError: If the folder of captures has none, or a number makes no sense.
    """
    captures = sorted(args.bvh.rglob('*.bvh')) if args.bvh else []
    if args.bvh and not captures:
        raise ValueError(f'{args.bvh}: expected BVH captures (*.bvh), found none')
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
    )


def main(argv: list[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    args = parse_args(argv)
    root = args.out or default_root('motion') / ('bank' if args.bank else 'synthetic')
    start = time.perf_counter()
    try:
        settings = settings_of(args)
        # Folders differ from machine to machine; what the library holds does not.
        recorded = vars(settings) | dict(captures=[Path(path).name for path in settings.captures])
        write_library(
            root, settings.splits(), LIBRARY_LAYOUT, settings.fps, settings.classes,
            dict(source='procedural motions and captures', settings=recorded), args.overwrite,
        )  # fmt: skip
    except FileExistsError as error:
        print(f'error: {error}; --overwrite replaces it', file=sys.stderr)
        return 1
    except (StoreError, ValueError, OSError) as error:
        print(f'error: {error}', file=sys.stderr)
        return 1
    for split in ('train', 'test'):
        print(MotionLibrary(root, split))
    print(f'{time.perf_counter() - start:.1f} s')
    return 0


if __name__ == '__main__':
    sys.exit(main())
