"""List the experts and what they lack; with a video, time each on it.

python -m mmactrep.pose.experts [VIDEO] [--experts NAME ...] [--frames N] [--device DEVICE]
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence

import numpy as np

from mmactrep.apis.cli import plain_errors

from .base import PoseExpert
from .builder import DEFAULT_EXPERTS, GROUPS, available_experts, build_experts

_BATCH = 16


def parse_args(argv: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog='python -m mmactrep.pose.experts', description=__doc__.split('\n')[0]
    )
    parser.add_argument('video', nargs='?', help='video on which the experts are timed')
    parser.add_argument('--experts', nargs='+', default=[DEFAULT_EXPERTS], help='names, groups or files')
    parser.add_argument('--frames', type=int, default=200, help='frames of the video, from the first')
    parser.add_argument('--device', help='for experts that can use one')
    return parser.parse_args(argv)


def list_experts() -> list[str]:
    """Lines that say what each named expert lacks, and what the groups are."""
    lacks = available_experts()
    width = max(map(len, lacks))
    rows = [f'{name:{width}}  {lack or "ready"}' for name, lack in lacks.items()]
    return [*rows, *(f'{name:{width}}  = {", ".join(members)}' for name, members in GROUPS.items())]


def time_expert(expert: PoseExpert, frames: Sequence[np.ndarray], source: str | None = None) -> dict:
    """Frames a second of an expert on decoded frames, with what it found.

    Returns:
        ``fps``; ``seen``, the share of frames with somebody; ``persons``, the mean number a frame.
    """
    expert.start(source)
    begin, counts = time.perf_counter(), []
    for first in range(0, len(frames), _BATCH):
        counts += map(len, expert.predict(frames[first : first + _BATCH], first))
    seconds = time.perf_counter() - begin
    return dict(fps=len(frames) / seconds, seen=np.mean(np.array(counts) > 0), persons=np.mean(counts))


@plain_errors
def main(argv: Sequence[str] | None = None) -> int:
    args = parse_args(argv)
    if args.video is None:
        print('\n'.join(list_experts()))
        return 0
    from decord import VideoReader

    reader = VideoReader(args.video)
    frames = list(reader.get_batch(range(min(args.frames, len(reader)))).asnumpy())
    print(f'{args.video}: {len(frames)} frames of {frames[0].shape[1]}x{frames[0].shape[0]}')
    for expert in build_experts(args.experts, device=args.device):
        row = time_expert(expert, frames, args.video)
        print(
            f'{expert.name:24} {row["fps"]:7.1f} frames/s  {row["persons"]:.2f} persons a frame, '
            f'somebody in {row["seen"]:.0%}'
        )
        expert.close()
    return 0


if __name__ == '__main__':
    sys.exit(main())
