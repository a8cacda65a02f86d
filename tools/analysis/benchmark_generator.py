#!/usr/bin/env python
"""How fast the procedural motion generator is, step by step.

OMP_NUM_THREADS=1 python tools/analysis/benchmark_generator.py --clips 10000 --frames 64
"""

from __future__ import annotations

import argparse
import sys
import time

from mmactrep.arguments import BATCH, COUNT, plain_errors
from mmactrep.motion.procedural.generator import MotionGenerator, to_layout
from mmactrep.structures import get_layout, list_layouts


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('--clips', type=COUNT, default=10000, help='clips to make (%(default)s)')
    parser.add_argument('--frames', type=COUNT, default=64, help='frames per clip (%(default)s)')
    parser.add_argument('--batch-size', type=BATCH, default=512, help='clips at a time (%(default)s)')
    parser.add_argument('--layout', default='posetics17', choices=list_layouts(), help='layout (%(default)s)')
    return parser.parse_args(argv)


def measure(clips: int, frames: int, batch_size: int, layout_name: str) -> dict[str, float]:
    """Seconds of each step over all clips."""
    generator, layout = MotionGenerator(frames=frames), get_layout(layout_name)
    times: dict[str, float] = {}

    def timed(name, function, *args):
        start = time.perf_counter()
        result = function(*args)
        times[name] = times.get(name, 0.0) + time.perf_counter() - start
        return result

    for start in range(0, clips, batch_size):
        n = min(batch_size, clips - start)
        factors = timed('factors', generator.sample_factors, n, start)
        offsets = timed('characters', generator.offsets, factors)
        rig = timed('motions', generator.rig, factors)
        animation = timed('inverse kinematics', generator.solve, rig)
        positions = timed('forward kinematics', generator.positions, animation, offsets)
        cameras = timed('cameras', generator.cameras, factors, positions, offsets)
        pixels = timed('projection', generator.project, positions, cameras)
        joints = timed('layout', to_layout, pixels, layout)
        timed('estimator noise', generator.observe, joints, factors, layout)
    return times


@plain_errors
def main(argv: list[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    args = parse_args(argv)
    times = measure(args.clips, args.frames, args.batch_size, args.layout)
    for name, seconds in times.items():
        print(f'{name:20s} {seconds:8.2f} s')
    total = sum(times.values())
    print(
        f'{"all":20s} {total:8.2f} s: {args.clips} clips of {args.frames} frames, '
        f'{args.clips / total:.0f} clips/s'
    )
    return 0


if __name__ == '__main__':
    sys.exit(main())
