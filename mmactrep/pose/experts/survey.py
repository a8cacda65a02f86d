"""List the experts and what each lacks; with a video, time each expert on it.

mmactrep experts [VIDEO] [--experts NAME ...] [--frames N] [--device DEVICE]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from mmactrep.arguments import COUNT, plain_errors

from .base import PoseExpert
from .builder import DEFAULT_EXPERTS, GROUPS, available_experts, build_experts, default_group

_BATCH = 16


def parse_args(argv: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('video', nargs='?', help='video on which the experts are timed')
    parser.add_argument('--experts', nargs='+', default=[DEFAULT_EXPERTS], help='names, groups or files')
    parser.add_argument('--frames', type=COUNT, default=200, help='frames of the video, from the first')
    parser.add_argument('--device', help='for experts that can use one')
    return parser.parse_args(argv)


def list_experts() -> list[str]:
    """Lines with what each named expert lacks, and the members of each group."""
    lacks = available_experts()
    width = max(map(len, lacks))
    rows = [f'{name:{width}}  {lack or "ready"}' for name, lack in lacks.items()]
    groups = {**GROUPS, DEFAULT_EXPERTS: [default_group()]}
    return [*rows, *(f'{name:{width}}  = {", ".join(members)}' for name, members in groups.items())]


def time_expert(expert: PoseExpert, batches: Iterable[Sequence[np.ndarray]], source: str = '') -> dict:
    """Frames per second of an expert on the frames of a video, without decoding, and what it found.

    Returns:
        ``fps``; ``cpu_ms``, processor time per frame, which hardly depends on other load; ``frames``;
        ``seen``, the share of frames with anybody; ``persons``, their mean number per frame.
    """
    expert.start(source)
    seconds, cpu, counts = 0.0, 0.0, []
    for frames in batches:
        begin, cpu_begin = time.perf_counter(), time.process_time()
        poses = expert.predict(frames, len(counts))
        seconds += time.perf_counter() - begin
        cpu += time.process_time() - cpu_begin
        counts += map(len, poses)
    found = np.array(counts)
    return dict(
        fps=len(found) / seconds,
        cpu_ms=1e3 * cpu / len(found),
        frames=len(found),
        seen=(found > 0).mean(),
        persons=found.mean(),
    )


def read_batches(video: str, frames: int) -> Iterator[list[np.ndarray]]:
    """The first frames of a video, a few at a time."""
    from mmactrep.video.frames import VideoFrames

    left = frames
    for _, batch in VideoFrames(video, allow_damaged=True).batches(_BATCH):
        yield batch[:left]
        left -= len(batch)
        if left <= 0:
            return


@plain_errors
def main(argv: Sequence[str] | None = None) -> int:
    args = parse_args(argv)
    if args.video is None:
        print('\n'.join(list_experts()))
        return 0
    if not Path(args.video).is_file():
        raise FileNotFoundError(f'{args.video}: no such video')
    for expert in build_experts(args.experts, device=args.device):
        row = time_expert(expert, read_batches(args.video, args.frames), args.video)
        print(
            f'{expert.name:24} {row["fps"]:7.1f} frames/s, {row["cpu_ms"]:6.1f} ms CPU per frame, '
            f'{row["frames"]} frames, {row["persons"]:.2f} persons per frame, anybody in {row["seen"]:.0%}'
        )
        expert.close()
    return 0
