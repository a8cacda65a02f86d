"""What the commands ``tools/data/convert_*.py`` share."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from pickle import UnpicklingError

from mmactrep.arguments import PERSONS, WORKERS
from mmactrep.store.format import StoreError

from .conversion import Conversion
from .runner import run_conversion


def default_root(name: str) -> Path:
    """Where a store lies unless told otherwise: in ``$MMACTREP_DATA_ROOT``, or in ``data``."""
    return Path(os.environ.get('MMACTREP_DATA_ROOT', 'data')) / name


def make_parser(description: str, many_sources: bool = False) -> argparse.ArgumentParser:
    """Parser with the arguments that every converter takes.

    Args:
        description: What the command does; its last lines may show an example.
        many_sources: Let ``--src`` take several paths.
    """
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        '--src', required=True, type=Path, nargs='+' if many_sources else None, help='what to convert'
    )
    parser.add_argument(
        '--out',
        type=Path,
        help="folder of the store (default: the data set's name in $MMACTREP_DATA_ROOT, or in data)",
    )
    parser.add_argument('--workers', type=WORKERS, default=0, help='processes that read; 0: this one')
    parser.add_argument('--skip-bad', action='store_true', help='leave bad clips out and list them')
    parser.add_argument('--overwrite', action='store_true', help='replace a finished store')
    parser.add_argument(
        '--dtype', choices=('float32', 'float16'), default='float32', help='numbers in the store'
    )
    parser.add_argument('--quiet', action='store_true', help='no progress bar')
    return parser


def add_pose_arguments(
    parser: argparse.ArgumentParser, dims: str = '2d', layout: str = 'posetics17', max_persons: int = 2
) -> None:
    """Add the arguments that choose what is kept of a pose: ``--dims``, ``--layout``, ``--max-persons``."""
    parser.add_argument('--dims', choices=('2d', '3d'), default=dims, help=f'coordinates (default: {dims})')
    parser.add_argument('--layout', default=layout, help=f'joint layout of the store (default: {layout})')
    parser.add_argument(
        '--max-persons', type=PERSONS, default=max_persons, help=f'persons kept (default: {max_persons})'
    )


def run_command(args: argparse.Namespace, build: Callable[[argparse.Namespace], Conversion]) -> int:
    """Convert, and say what was done; a user's mistake is one line on standard error.

    Args:
        args: Parsed arguments of :func:`make_parser`.
        build: Makes the conversion from the arguments.

    Returns:
        The exit status: 0, or 1 after an error.
    """
    try:
        conversion = build(args)
        for note in conversion.notes:
            print(note)
        report = run_conversion(
            conversion,
            args.out or default_root(conversion.folder),
            workers=args.workers,
            skip_bad=args.skip_bad,
            overwrite=args.overwrite,
            dtype=args.dtype,
            progress=not args.quiet,
        )
    except FileExistsError as error:
        print(f'error: {error}; --overwrite replaces it', file=sys.stderr)
        return 1
    except (StoreError, UnpicklingError, ValueError, KeyError, OSError) as error:
        print(f'error: {error}', file=sys.stderr)
        return 1
    resumed = f' ({report.resumed} of an earlier attempt)' if report.resumed else ''
    print(f'{report.root}: {report.written} clips{resumed}')
    if report.bad:
        print(f'left out {len(report.bad)} bad clips, listed in {report.bad_file}:')
        for reason in list(report.bad.values())[:10]:
            print(f'  {reason}')
    return 0
