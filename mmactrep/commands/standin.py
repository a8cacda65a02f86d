"""Make a stand-in for Posetics: procedurally generated motion in exactly the same format.

    mmactrep standin --out data/posetics_standin/raw
    mmactrep convert posetics --src data/posetics_standin/raw --out data/posetics_standin/2d

Results on it show that the software works; they say nothing about Posetics.
"""

from __future__ import annotations

import argparse
import time

from mmactrep.arguments import FRAME_RATE, SEED, WORKERS, plain_errors, whole_number
from mmactrep.datasets.standins.posetics import StandinSettings, write_standin
from mmactrep.motion.procedural.motions.base import MOTIONS


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    default = StandinSettings()
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('--out', required=True, help='folder to write')
    parser.add_argument(
        '--train',
        type=whole_number(1, 10**6),
        default=default.train,
        metavar='N',
        help='training clips (%(default)s)',
    )
    parser.add_argument(
        '--test',
        type=whole_number(1, 10**6),
        default=default.test,
        metavar='N',
        help='test clips (%(default)s)',
    )
    parser.add_argument('--seed', type=SEED, default=default.seed, metavar='S', help='seed (%(default)s)')
    parser.add_argument(
        '--frames',
        type=whole_number(8, 10_000),
        default=default.frames,
        metavar='T',
        help='frames of the longest clips (%(default)s)',
    )
    parser.add_argument('--fps', type=FRAME_RATE, default=default.fps, help='frames per second (%(default)s)')
    parser.add_argument(
        '--motions', nargs='+', default=default.motions, choices=sorted(MOTIONS), metavar='NAME',
        help=f'motions that serve as classes (default: all {len(default.motions)})',
    )  # fmt: skip
    parser.add_argument('--workers', type=WORKERS, default=0, help='writer processes; 0: this process')
    parser.add_argument('--overwrite', action='store_true', help='replace a stand-in with other settings')
    return parser.parse_args(argv)


class Progress:
    """Prints how far the writing is, at most about twenty times."""

    def __init__(self) -> None:
        self.start, self.last = time.perf_counter(), -1

    def __call__(self, done: int, total: int) -> None:
        part = 20 * done // total
        if part == self.last:
            return
        self.last = part
        elapsed = time.perf_counter() - self.start
        rate = done / max(elapsed, 1e-6)
        left = f', {rate:.0f} clips per second, {(total - done) / rate:.0f} s left' if done else ''
        print(f'  {done} of {total} clips{left}', flush=True)


@plain_errors
def main(argv: list[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    args = parse_args(argv)
    settings = StandinSettings(
        train=args.train,
        test=args.test,
        frames=args.frames,
        fps=args.fps,
        seed=args.seed,
        motions=args.motions,
    )
    print(
        f'Stand-in for Posetics (procedural motion, NOT the real data set): {settings.train} training '
        f'and {settings.test} test clips of {len(settings.motions)} classes in {args.out}'
    )
    written = write_standin(args.out, settings, args.overwrite, args.workers, Progress())
    print('Done.' if written else 'It exists already; nothing to do.')
    return 0
