#!/usr/bin/env python
"""Make a motion library from Mixamo exports: a folder of characters, each with the same motions.

    python tools/data/prepare_mixamo.py --src MIXAMO_BVH
    python tools/data/prepare_mixamo.py --src MIXAMO_NPY --unit 1 --layout motion15 --up z

SRC has <character>/<motion>.bvh, or NPY arrays of joints (T, V, 3), or train/ and test/ with such folders.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from mmactrep.arguments import FRAME_RATE, number, plain_errors, printable
from mmactrep.datasets.converters.cli import default_root
from mmactrep.motion.capture_files import told
from mmactrep.motion.joint_names import read_joint_mapping
from mmactrep.motion.library import MotionLibrary, refusing_to_overwrite, report_skipped, write_library
from mmactrep.motion.mixamo import CLASS, TEST_CHARACTERS, MixamoExport


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('--src', required=True, type=Path, help='folder of the exports')
    parser.add_argument(
        '--out', type=Path, help='folder to write (default: motion/mixamo in $MMACTREP_DATA_ROOT or data)'
    )
    parser.add_argument('--fps', type=FRAME_RATE, default=30.0, help='frames per second (%(default)s)')
    parser.add_argument('--unit', type=number(0, 1000, above=True), default=0.01, help='meters per unit of the files (%(default)s)')
    parser.add_argument('--layout', default='motion15', help='layout of the joints in NPY (%(default)s)')
    parser.add_argument(
        '--up', choices=('y', 'z'), default='z', help='axis that points up in NPY (%(default)s)'
    )
    parser.add_argument(
        '--test-characters', nargs='+', default=TEST_CHARACTERS, metavar='NAME',
        help=f'test characters, where SRC has no folder test ({" ".join(TEST_CHARACTERS)})',
    )  # fmt: skip
    parser.add_argument(
        '--joints', type=Path, metavar='JSON', help="maps a file's joint names to mmactrep's, where they are unknown"
    )
    parser.add_argument('--skip-bad', action='store_true', help='skip bad motions and list them')
    parser.add_argument('--overwrite', action='store_true', help='replace a finished library')
    return parser.parse_args(argv)


@plain_errors
def main(argv: list[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    args = parse_args(argv)
    root = args.out or default_root('motion') / 'mixamo'
    mapping = read_joint_mapping(args.joints) if args.joints else None
    export = MixamoExport(
        args.src, args.fps, args.unit, args.layout, args.up, args.test_characters, mapping
    )
    if export.passed_over:
        print(printable(f'{args.src}{told(export.passed_over)}'))
    skipped = {} if args.skip_bad else None
    with refusing_to_overwrite():
        write_library(
            root, export.splits(), export.library_layout, args.fps, [CLASS], dict(source='Mixamo'),
            args.overwrite, skipped,
        )  # fmt: skip
    for split in ('train', 'test'):
        print(MotionLibrary(root, split))
    report_skipped(root, skipped)
    return 0


if __name__ == '__main__':
    sys.exit(main())
