"""Teach a recognizer on your own videos: poses, split, training, test and a report, in one command.

    mmactrep teach VIDEOS
    mmactrep teach VIDEOS.csv --videos FOLDER --folds 5

VIDEOS is a folder with a folder of videos a class, a CSV list with the columns path, label and perhaps
start, end (seconds) and split, or a store of 2D skeletons. Folders train/ and test/ above the classes, and
the column split, are taken as the split; otherwise clips are divided by video, and where there are few,
every clip is tested once, in five folds.

OUT gets report.html, which opens without a server, and MODEL/, which the demo takes:

    mmactrep demo VIDEO --model OUT/MODEL

--camera records the examples: the keys 1, 2, ... begin and end one of a class, t trains, and then it shows
what it recognizes:

    mmactrep teach --camera --classes 'wave, clap, point'

Interrupted, the same command goes on where it stopped. When videos were added, only they are extracted.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from mmactrep.arguments import (
    COUNT,
    SEED,
    SHARE,
    add_overlay_argument,
    number,
    pattern,
    plain_errors,
    printable,
    whole_number,
)

#: Folder of the examples of a camera.
RECORDED = 'recorded'


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        'source', nargs='?', metavar='VIDEOS', help='folder of class folders, CSV list, or store'
    )
    parser.add_argument('--out', type=Path, help='folder of the results (default: work_dirs/teach/NAME)')
    parser.add_argument(
        '--videos', type=Path, help='folder of the videos of a list (default: that of the list)'
    )
    parser.add_argument(
        '--experts', nargs='+', default=[], help='pose experts (default: the fastest that are installed)'
    )
    parser.add_argument(
        '--folds',
        type=folds,
        help='test every clip once, in so many folds; or a regular expression on the names of clips whose '
        'match names the fold: "_(\\d+)_"; 1 tests a quarter of the clips once (default: by their number)',
    )
    parser.add_argument(
        '--groups',
        type=pattern,
        metavar='REGEX',
        help='clips whose names have the same match are never on both sides, for example persons: s[0-9]+ '
        '(default: clips of one video)',
    )
    parser.add_argument(
        '--steps',
        nargs='+',
        type=COUNT,
        default=[60, 120],
        help='lengths of training to choose from on a validation part (default: 60 120)',
    )
    parser.add_argument(
        '--rate', type=number(0, 1000, above=True), default=0.05, help='learning rate (%(default)s)'
    )
    parser.add_argument(
        '--from',
        dest='starts',
        nargs='+',
        choices=('tmor', 'via', 'lac', 'none'),
        default=['tmor', 'via', 'lac'],
        help='weights to start from, of which the folds choose; none: random ones (default: tmor via lac)',
    )
    parser.add_argument(
        '--curve',
        nargs='*',
        type=number(0, 1, above=True),
        default=[0.25, 0.5],
        help='shares of the training clips for the learning curve; none: no curve (default: 0.25 0.5)',
    )
    add_overlay_argument(parser)
    parser.add_argument('--noun', default='actions', help='what the classes are, in the plural (%(default)s)')
    parser.add_argument(
        '--min-share', type=SHARE, default=0.5,
        help='leave out clips with a body in a lower share of their frames (%(default)s)',
    )  # fmt: skip
    parser.add_argument('--processes', type=whole_number(1, 256), default=2, help='processes (%(default)s)')
    parser.add_argument('--seed', type=SEED, default=0, help='seed (%(default)s)')
    parser.add_argument('--skip-bad', action='store_true', help='list videos that cannot be used, and go on')
    parser.add_argument('--quiet', action='store_true', help='no progress bars')
    group = parser.add_argument_group('camera')
    group.add_argument(
        '--camera',
        nargs='?',
        const='0',
        metavar='SOURCE',
        help='record examples by the keys 1, 2, ... of the classes, train with t, then show what is '
        "recognized: a camera's number, an address, or a video file (default: camera 0)",
    )
    group.add_argument('--classes', help="names of the classes: 'wave, clap'")
    group.add_argument(
        '--examples',
        nargs='+',
        default=[],
        metavar='CLASS:FIRST-LAST',
        help='frames of a video file that are examples, in place of keys',
    )
    group.add_argument('--no-window', action='store_true', help='print what is recognized, show nothing')
    args = parser.parse_args(argv)
    if (args.source is None) == (args.camera is None):
        parser.error('expected VIDEOS, or --camera')
    if args.camera is not None and not args.classes:
        parser.error("--camera needs the names of the classes: --classes 'wave, clap'")
    return args


def folds(text: str) -> int | str:
    """Type of ``--folds``: a number, or a regular expression."""
    if not text.lstrip('-').isdecimal():
        return pattern(text)
    return COUNT(text)


@plain_errors
def main(argv: list[str] | None = None) -> int:
    """Entry point."""
    args = parse_args(argv)

    from mmactrep.apis.teach.pipeline import teach
    from mmactrep.apis.teach.settings import TeachSettings

    name = 'camera' if args.source is None else Path(args.source).resolve().stem
    out = args.out or Path('work_dirs', 'teach', name)
    if args.camera is not None:
        _record(args, out / RECORDED)
    settings = TeachSettings(
        args.source or str(out / RECORDED),
        out,
        args.videos,
        tuple(args.experts),
        args.folds,
        args.groups,
        tuple(args.starts),
        tuple(sorted(set(args.steps))),
        args.rate,
        args.processes,
        args.seed,
        args.min_share,
        args.skip_bad,
        tuple(sorted(share for share in set(args.curve) if share < 1)),
        tuple(args.overlays),
        args.noun,
        not args.quiet,
    )
    report = teach(settings, lambda line: print(printable(line), flush=True))
    low, high = report.interval
    print(
        f'recognized {report.right} of {len(report.labels)} test clips: {report.accuracy:.1%} '
        f'(95 % interval {low:.1%} to {high:.1%})'
    )
    print(f'report: {printable(str(settings.page))}\nmodel:  {printable(str(settings.model))}')
    if args.camera is not None:
        from mmactrep.apis.teach.camera import recognize_live
        from mmactrep.apis.teach.poses import fastest_experts

        experts = args.experts or fastest_experts()
        for line in recognize_live(settings.model, args.camera, experts, not args.no_window):
            print(printable(line), flush=True)
    return 0


def _record(args: argparse.Namespace, folder: Path) -> None:
    from mmactrep.apis.teach.camera import record_examples

    classes = [name.strip() for name in args.classes.split(',') if name.strip()]
    # those of a file are recorded once; a camera adds to them
    if not (args.examples and any(folder.rglob('*.mp4'))):
        record_examples(args.camera, classes, folder, args.examples, not args.no_window)
    for name in classes:
        print(f'{name}: {len(list((folder / name).glob("*.mp4")))} examples')


if __name__ == '__main__':
    sys.exit(main())
