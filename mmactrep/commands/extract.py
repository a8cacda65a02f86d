"""Extract the poses of videos into a skeleton store.

    mmactrep extract VIDEO_OR_FOLDER_OR_LIST ... --out data/mine/2d

A list (.txt, .csv) has one line per video, "path", "path,label" or "path,label,split", with paths relative to
the list. Commas, semicolons or tabs separate the fields, which may be quoted; mmaction2's "path label" is
read too. To resume an extraction that was killed, give the same command again. Videos that cannot be read
or are damaged, and those in which nobody was found, are skipped and listed in OUT.skipped.txt; the exit
status is then 3, or 0 with --skip-bad (and under torchrun, which would end the other processes).

To share the work among processes and machines, use torchrun, a Slurm array, or start the parts by hand:

    torchrun --nproc_per_node 4 -m mmactrep extract videos.txt --out data/mine/2d
    sbatch --array 0-31 --wrap "mmactrep extract videos.txt --out data/mine/2d"
    mmactrep extract videos.txt --out data/mine/2d --shard 0/8

Each process writes data/mine/2d.shard-00000-of-00008 and so on; merge them with

    mmactrep merge --out data/mine/2d
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from mmactrep.arguments import INDEX, plain_errors
from mmactrep.pose.extraction.arguments import add_pose_arguments, build_estimator, print_speed
from mmactrep.pose.extraction.settings import ExtractionSettings

if TYPE_CHECKING:
    from mmactrep.pose.extraction.report import ExtractionReport

SKIPPED_STATUS = 3
# Maximum number of skipped videos, and of notes, that are printed; files list all of them.
SHOWN = 10


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Arguments of the command."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('videos', nargs='+', help='video files, folders of them, or lists')
    parser.add_argument('--out', required=True, type=Path, help='folder of the store')
    parser.add_argument('--classes', type=Path, help='text file of class names, one per line')
    add_pose_arguments(parser)
    parser.add_argument(
        '--clip-length',
        type=INDEX,
        default=0,
        help='cut videos into clips of this many frames (default: no)',
    )
    parser.add_argument('--shard', metavar='I/N', help='the part of the list to process, I from 0')
    parser.add_argument(
        '--skip-bad', action='store_true', help='exit status 0, not 3, if videos were skipped'
    )
    parser.add_argument(
        '--keep-damaged', action='store_true', help='use the readable part of damaged videos, and report it'
    )
    parser.add_argument('--overwrite', action='store_true', help='replace a finished store')
    parser.add_argument('--quiet', action='store_true', help='no progress bar')
    return parser.parse_args(argv)


def print_report(report: ExtractionReport) -> None:
    """Print what was done and the speed of each stage."""
    from mmactrep.pose.extraction.report import LOG_FILE, one_line

    print(
        f'{report.root}: {report.clips} clips of {report.videos} videos'
        + (f' ({report.resumed} of an earlier attempt)' if report.resumed else '')
    )
    print_speed(report.seconds, report.frames)
    if report.skipped:
        print(f'skipped {len(report.skipped)} videos, listed in {report.skipped_file}:')
        for reason in list(report.skipped.values())[:SHOWN]:
            print(f'  {one_line(reason)}')
    if report.agreement:
        print(report.agreement)
    notes = [f'{video}: {note}' for video, found in report.notes.items() for note in found]
    for note in notes[:SHOWN]:
        print(f'warning: {one_line(note)}', file=sys.stderr)
    if len(notes) > SHOWN:
        print(f'warning: and {len(notes) - SHOWN} more, see {report.root / LOG_FILE}', file=sys.stderr)


def _extract(args: argparse.Namespace) -> int:
    from mmactrep.pose.experts.base import origin_of
    from mmactrep.pose.extraction.extraction import check_experts, run_extraction
    from mmactrep.pose.extraction.video_list import list_videos, read_classes
    from mmactrep.store.shards import find_shard

    classes = [] if args.classes is None else read_classes(args.classes)
    jobs = list_videos(args.videos, classes)
    shard = find_shard(args.shard)
    fields = [field.name for field in dataclasses.fields(ExtractionSettings)]
    settings = ExtractionSettings(**{name: getattr(args, name) for name in fields})
    estimator, lifter = build_estimator(args, settings)
    experts = estimator.experts
    check_experts(experts, len(jobs))
    report = run_extraction(
        jobs,
        args.out,
        estimator,
        settings,
        shard=shard,
        classes=classes,
        attributes=dict(experts=[origin_of(expert) for expert in experts], lift=args.lift),
        lifter=lifter,
        batch_size=args.batch_size,
        dtype=args.dtype,
        overwrite=args.overwrite,
        progress=not args.quiet,
    )
    estimator.close()
    print_report(report)
    excused = args.skip_bad or 'TORCHELASTIC_RUN_ID' in os.environ
    return SKIPPED_STATUS if report.skipped and not excused else 0


@plain_errors
def main(argv: list[str] | None = None) -> int:
    """Run the command; returns its exit status: 0, 1 after an error, 3 if videos were skipped."""
    args = parse_args(argv)
    try:
        return _extract(args)
    except FileExistsError as error:
        print(f'error: {error}; --overwrite replaces it', file=sys.stderr)
        return 1
