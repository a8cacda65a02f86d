#!/usr/bin/env python
"""Render videos of procedural people, with classes that differ by the direction of time alone.

    python tools/data/render_videos.py --out data/rendered --train 60 --test 20 --workers 2

People of different build and clothes in rooms with still and moving backgrounds enter and leave, sit down and
stand up, pick up and put down, open and close, lie down and get up. The second class of each pair is rendered
as the first, from draws of its own, and played backwards: no single frame tells the two apart. Other classes
(wave, clap, drink, ...) have no such partner. Training and test have different people, rooms and draws.
With --shared 6 24, each split has 6 rooms and 24 people, as recordings of homes have; with --same-rooms the
rooms of both splits are the same, and with --fixed-cameras each has one camera, as where one sensor records
all. The fewer rooms, people and cameras, the more a video is told from the others by what happens in it.

OUT has videos/train/CLASS/*.mp4, videos/test/CLASS/*.mp4 and lists of them as tools/data/annotate_videos.py
writes them: train.txt, test.txt, classes.txt; and time_pairs.txt. An interrupted run continues where it stopped.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from mmactrep.arguments import COUNT, SEED, SHARE, WORKERS, number, plain_errors, whole_number


def parse_args(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('--out', required=True, type=Path, help='folder of the videos')
    parser.add_argument('--train', type=COUNT, default=60, help='videos of each class (%(default)s)')
    parser.add_argument('--test', type=COUNT, default=20, help='videos of each class (%(default)s)')
    parser.add_argument('--classes', nargs='+', metavar='NAME', help='classes (default: all)')
    parser.add_argument('--seed', type=SEED, default=0, help='%(default)s')
    parser.add_argument(
        '--size',
        type=whole_number(32, 2048),
        nargs=2,
        default=(120, 160),
        metavar=('H', 'W'),
        help='pixels (default: 120 160)',
    )
    parser.add_argument(
        '--seconds',
        type=number(1, 60),
        nargs=2,
        default=(2.8, 3.8),
        metavar=('LOW', 'HIGH'),
        help='length of a video (default: 2.8 3.8)',
    )
    parser.add_argument(
        '--moving', type=SHARE, default=0.5, help='share of moving cameras and backgrounds (%(default)s)'
    )
    parser.add_argument(
        '--shared',
        type=COUNT,
        nargs=2,
        metavar=('ROOMS', 'PEOPLE'),
        help='rooms and people of a split, who never change their clothes (default: those of every video are its own)',
    )
    parser.add_argument(
        '--same-rooms', action='store_true', help='with --shared: the test is in the rooms of the training'
    )
    parser.add_argument(
        '--fixed-cameras', action='store_true', help='with --shared: one camera for each room, not for each clip'
    )
    parser.add_argument(
        '--workers', type=WORKERS, default=os.cpu_count() or 1, help='processes (%(default)s)'
    )
    parser.add_argument('--quiet', action='store_true', help='no progress bar')
    args = parser.parse_args(argv)
    if args.seconds[0] > args.seconds[1]:
        parser.error(f'--seconds: expected the shorter length first, found {args.seconds}')
    if args.same_rooms and args.shared is None:
        parser.error('--same-rooms needs --shared')
    if args.fixed_cameras and args.shared is None:
        parser.error('--fixed-cameras needs --shared')
    return args


@plain_errors
def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status: 0, 1 after an error, 130 if interrupted."""
    args = parse_args(argv)

    from mmactrep.datasets.standins.rendered_videos import Plan, write_videos
    from mmactrep.motion.rendering.scenes import CLASSES, RenderSettings

    settings = RenderSettings(
        tuple(args.size), tuple(args.seconds), moving=args.moving, fixed_cameras=args.fixed_cameras
    )
    counts, shared = dict(train=args.train, test=args.test), args.shared and tuple(args.shared)
    plan = Plan(counts, args.classes or CLASSES, args.seed, settings, shared, args.same_rooms)
    begin = time.perf_counter()
    try:
        seconds = write_videos(plan, args.out, args.workers, not args.quiet)
    except KeyboardInterrupt:
        print('interrupted; the same command continues where it stopped', file=sys.stderr)
        return 130
    taken = time.perf_counter() - begin
    print(
        f'{args.out}: {len(plan.clips())} videos of {len(plan.classes)} classes; {seconds:.0f} s of video '
        f'rendered in {taken:.0f} s, {seconds / max(taken, 1e-9):.1f} times real time'
    )
    return 0


if __name__ == '__main__':
    sys.exit(main())
