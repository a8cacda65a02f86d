#!/usr/bin/env python
"""How fast videos are read, and by which library: PyAV (the package's reader), decord and OpenCV.

    python tools/analysis/benchmark_video.py VIDEO_OR_FOLDER ...

For every video and reader: number and size of frames, frames per second, processor time per frame, and how
many pictures equal those of the package's reader. Readers that are not installed are skipped.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from mmactrep.arguments import COUNT, plain_errors


def read_mmactrep(path: Path) -> Iterator[np.ndarray]:
    """Pictures by the package's reader."""
    from mmactrep.video.frames import VideoFrames

    yield from VideoFrames(path, allow_damaged=True)


def read_decord(path: Path) -> Iterator[np.ndarray]:
    """Pictures by decord, as the package read them before."""
    import decord

    reader = decord.VideoReader(str(path))
    for _ in range(len(reader)):
        yield reader.next().asnumpy()


def read_opencv(path: Path) -> Iterator[np.ndarray]:
    """Pictures by OpenCV."""
    import cv2

    capture = cv2.VideoCapture(str(path))
    while True:
        there, frame = capture.read()
        if not there:
            return
        yield cv2.cvtColor(frame, cv2.COLOR_BGR2RGB)


READERS: dict[str, Callable[[Path], Iterator[np.ndarray]]] = dict(
    mmactrep=read_mmactrep, decord=read_decord, opencv=read_opencv
)


def time_reader(read: Callable[[Path], Iterator[np.ndarray]], path: Path, repeats: int) -> dict:
    """The best of several runs.

    Returns:
        ``frames``, ``size`` (W, H), ``fps``, ``cpu_ms`` per frame and ``sums``, one number per picture.
    """
    best, cpu, frames = np.inf, np.inf, []
    for _ in range(repeats):
        begin, cpu_begin, frames, shape = time.perf_counter(), time.process_time(), 0, None
        for frame in read(path):
            frames, shape = frames + 1, frame.shape
        best = min(best, time.perf_counter() - begin)
        cpu = min(cpu, time.process_time() - cpu_begin)
    sums = [hash(frame.tobytes()) for frame in read(path)]
    size = (shape[1], shape[0]) if shape else (0, 0)
    return dict(frames=frames, size=size, fps=frames / best, cpu_ms=1e3 * cpu / max(frames, 1), sums=sums)


def compare(path: Path, repeats: int) -> list[str]:
    """One line per reader."""
    lines, own = [], []
    for name, read in READERS.items():
        try:
            row = time_reader(read, path, repeats)
        except ImportError:
            continue
        except Exception as error:  # the table shows whatever another library raises
            lines.append(f'  {name:9s} {type(error).__name__}: {str(error).splitlines()[0][:90]}')
            continue
        own = row['sums'] if name == 'mmactrep' else own
        equal = sum(a == b for a, b in zip(row['sums'], own))
        lines.append(
            f'  {name:9s} {row["frames"]:5d} frames of {row["size"][0]} x {row["size"][1]}, '
            f'{row["fps"]:7.0f} frames/s, {row["cpu_ms"]:6.2f} ms of processor time each, {equal} equal'
        )
    return lines


def parse_args(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('videos', nargs='+', help='videos, or folders of them')
    parser.add_argument(
        '--repeats', type=COUNT, default=3, help='runs, of which the best counts (%(default)s)'
    )
    return parser.parse_args(argv)


@plain_errors
def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    args = parse_args(argv)

    from mmactrep.pose.extraction.video_list import list_videos

    for job in list_videos(args.videos):
        print(f'{job.path.name}:')
        print('\n'.join(compare(job.path, args.repeats)), flush=True)
    return 0


if __name__ == '__main__':
    sys.exit(main())
