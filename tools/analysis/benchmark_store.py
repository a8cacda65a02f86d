"""Clips per second read from a SkeletonStore, beside mmaction2's PoseDataset on the same clips.

    python tools/analysis/benchmark_store.py data/penn_action/2d [--clips 2000] [--rounds 5]

Both read in turn in one process. PoseDataset has loaded everything beforehand; the time and memory that this
takes are printed too, next to those of opening the store.
"""

from __future__ import annotations

import argparse
import pickle
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from mmactrep.arguments import COUNT, plain_errors
from mmactrep.store.reader import SkeletonStore


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('store', help='folder of a store')
    parser.add_argument('--clips', type=COUNT, default=2000, help='clips read per round (%(default)s)')
    parser.add_argument(
        '--rounds', type=COUNT, default=5, help='rounds, of which the median is printed (%(default)s)'
    )
    return parser.parse_args(argv)


def write_pickle(store: SkeletonStore, path: Path) -> None:
    """The clips of a store as mmaction2's pickle of annotations."""
    keys = ('frame_dir', 'label', 'img_shape', 'total_frames', 'keypoint', 'keypoint_score')
    annotations = [{key: clip[key] for key in keys} for clip in map(store.__getitem__, range(len(store)))]
    split = dict(all=[annotation['frame_dir'] for annotation in annotations])
    path.write_bytes(pickle.dumps(dict(split=split, annotations=annotations), protocol=4))


def opening(code: str, path: str) -> tuple[float, float]:
    """Seconds and megabytes of memory that opening takes, after the imports in a separate process."""
    script = (
        'import sys, time\nimport psutil\n'
        'from mmactrep.datasets import SkeletonDataset\n'
        'from mmaction.datasets import PoseDataset\n'
        'used = lambda: psutil.Process().memory_info().rss / 2**20\n'
        f'memory, begin = used(), time.perf_counter()\ndataset = {code}\nlen(dataset)\n'
        'print(time.perf_counter() - begin, used() - memory)\n'
    )
    done = subprocess.run([sys.executable, '-c', script, path], capture_output=True, text=True, check=True)
    seconds, megabytes = map(float, done.stdout.split()[-2:])
    return seconds, megabytes


def rate(read: Callable[[int], object], order: np.ndarray) -> float:
    """Clips per second."""
    begin = time.perf_counter()
    for clip in order:
        read(int(clip))
    return len(order) / (time.perf_counter() - begin)


@plain_errors
def main(argv: list[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    args = parse_args(argv)

    from mmaction.datasets import PoseDataset

    from mmactrep.datasets import SkeletonDataset

    store = SkeletonStore(args.store)
    order = np.random.default_rng(0).integers(len(store), size=args.clips)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, 'annotations.pkl')
        write_pickle(store, path)
        ours, theirs = SkeletonDataset(args.store, []), PoseDataset(str(path), [], split='all')
        for clip in (0, len(store) - 1):
            np.testing.assert_array_equal(ours[clip]['keypoint'], theirs[clip]['keypoint'])
        rates = [(rate(ours.__getitem__, order), rate(theirs.__getitem__, order)) for _ in range(args.rounds)]
        opened = [
            opening('SkeletonDataset(sys.argv[1], [])', args.store),
            opening("PoseDataset(sys.argv[1], [], split='all')", str(path)),
        ]
    print(f'{store}: {args.clips} clips in random order, median of {args.rounds} rounds')
    print(f'{"":24}{"clips/s":>10}{"opening s":>12}{"memory MB":>12}')
    for name, column, (seconds, memory) in zip(('SkeletonDataset', 'PoseDataset'), zip(*rates), opened):
        print(f'{name:24}{statistics.median(column):10.0f}{seconds:12.4f}{memory:12.1f}')
    print(f'ratio of clips/s: {statistics.median(a / b for a, b in rates):.2f}')
    return 0


if __name__ == '__main__':
    sys.exit(main())
