"""The command ``mmactrep convert``: one subcommand per data set."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from mmactrep.arguments import WORKERS, data_set_parser, plain_errors, printable

from .conversion import Conversion
from .converter import DATASETS, Converter, load_converter
from .runner import run_conversion


def default_root(name: str) -> Path:
    """Default folder of a store: in ``$MMACTREP_DATA_ROOT``, or in ``data``."""
    return Path(os.environ.get('MMACTREP_DATA_ROOT') or 'data') / name


def make_parser(names: Sequence[str] = DATASETS) -> argparse.ArgumentParser:
    """Parser with a subcommand per data set."""
    return data_set_parser(
        'mmactrep convert',
        'Convert a data set into a skeleton store. An interrupted run resumes where it stopped.',
        names,
        load_converter,
        _add_common_arguments,
    )


def _add_common_arguments(parser: argparse.ArgumentParser, converter: Converter) -> None:
    many = '+' if converter.many_sources else None
    parser.add_argument('--src', required=True, type=Path, nargs=many, help='what to convert')
    parser.add_argument(
        '--out',
        type=Path,
        help="folder of the store (default: the data set's name in $MMACTREP_DATA_ROOT, or in data)",
    )
    parser.add_argument(
        '--workers', type=WORKERS, default=0, help='reader processes; 0: this process (default)'
    )
    parser.add_argument('--skip-bad', action='store_true', help='skip bad clips and list them')
    parser.add_argument('--overwrite', action='store_true', help='replace a finished store')
    parser.add_argument(
        '--dtype',
        choices=('float32', 'float16'),
        default='float32',
        help='numbers in the store (%(default)s)',
    )
    parser.add_argument('--quiet', action='store_true', help='no progress bar')


@plain_errors
def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status: 0, 1 after an error, 130 if interrupted."""
    argv = sys.argv[1:] if argv is None else list(argv)
    # building one data set's arguments is faster than building all
    args = make_parser(argv[:1] if argv[:1] and argv[0] in DATASETS else DATASETS).parse_args(argv)
    try:
        return _convert(args, load_converter(args.dataset).build(args))
    except KeyboardInterrupt:
        print('interrupted; the same command resumes where it stopped', file=sys.stderr)
        return 130


def command_of(dataset: str) -> Callable[[Sequence[str] | None], int]:
    """``main`` of a script that converts one data set, for commands that used to have their own script."""

    def run(argv: Sequence[str] | None = None) -> int:
        return main([dataset, *(sys.argv[1:] if argv is None else argv)])

    return run


def _convert(args: argparse.Namespace, conversion: Conversion) -> int:
    for note in conversion.notes:
        print(printable(note))
    root = args.out or default_root(conversion.folder)
    try:
        report = run_conversion(
            conversion,
            root,
            workers=args.workers,
            skip_bad=args.skip_bad,
            overwrite=args.overwrite,
            dtype=args.dtype,
            progress=not args.quiet,
        )
    except FileExistsError as error:
        raise FileExistsError(f'{error}; --overwrite replaces it') from error
    resumed = f' ({report.resumed} from an earlier attempt)' if report.resumed else ''
    print(f'{report.root}: {report.written} clips{resumed}')
    if report.notes:
        print(f'{len(report.notes)} clips differ from their annotation:')
        _print_first(report.notes)
    if report.bad:
        print(f'skipped {len(report.bad)} bad clips, listed in {report.bad_file}:')
        _print_first(list(report.bad.values()))
    return 0


def _print_first(lines: Sequence[str], count: int = 10) -> None:
    for line in lines[:count]:
        print(f'  {printable(line)}')
    if len(lines) > count:
        print(f'  and {len(lines) - count} more')
