"""The command ``mmactrep annotate``: one subcommand per data set."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from mmactrep.arguments import WORKERS, data_set_parser, plain_errors, printable

from .annotation import ABSENT_FILE, BAD_FILE, VideoFolder, write_annotation
from .annotator import DATASETS, Annotator, load_annotator


def make_parser(names: Sequence[str] = DATASETS) -> argparse.ArgumentParser:
    """Parser with a subcommand per data set."""
    return data_set_parser(
        'mmactrep annotate',
        'Write the lists of videos and labels of a data set, which training and "mmactrep cache" read.',
        names,
        load_annotator,
        _add_common_arguments,
    )


def _add_common_arguments(parser: argparse.ArgumentParser, annotator: Annotator) -> None:
    parser.add_argument('--videos', required=True, type=Path, help='folder of the videos')
    parser.add_argument('--out', required=True, type=Path, help='folder of the lists')
    parser.add_argument(
        '--check', action='store_true', help='decode every video, and leave out and list the bad ones'
    )
    parser.add_argument(
        '--workers', type=WORKERS, default=os.cpu_count() or 1, help='processes of --check (%(default)s)'
    )
    parser.add_argument('--quiet', action='store_true', help='no progress bar')


@plain_errors
def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    argv = sys.argv[1:] if argv is None else list(argv)
    # building one data set's arguments is faster than building all
    args = make_parser(argv[:1] if argv[:1] and argv[0] in DATASETS else DATASETS).parse_args(argv)
    annotation = load_annotator(args.dataset).build(VideoFolder(args.videos), args)
    report = write_annotation(annotation, args.videos, args.out, args.check, args.workers, not args.quiet)
    for path, count in report.files.items():
        print(f'{path}: {count} videos')
    for note in annotation.notes:
        print(printable(note))
    if report.absent:
        first = next(f'{split}: {names[0]}' for split, names in annotation.absent.items() if names)
        print(
            f'{report.absent} annotated videos are not below {args.videos} and left out, listed in '
            f'{args.out / ABSENT_FILE}; the first: {printable(first)}'
        )
    if report.bad:
        print(f'{len(report.bad)} videos cannot be read and are left out, listed in {args.out / BAD_FILE}:')
        for reason in list(report.bad.values())[:10]:
            print(f'  {printable(reason)}')
    return 0
