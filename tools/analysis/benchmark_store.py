"""Clips per second read from a SkeletonStore, beside mmaction2's PoseDataset on the same clips.

    python tools/analysis/benchmark_store.py data/penn_action/2d [--clips 2000] [--rounds 5]

Both read in turn in one process. PoseDataset has loaded everything beforehand; the time and memory that this
takes are printed too, next to those of opening the store.

    python tools/analysis/benchmark_store.py --synthetic 1000000 [--frames 64] [--folder FOLDER] [--keep]

makes a store of so many clips of one person, synthetic rows of 102 bytes a frame, as large as a data set like
PoseCap-1M, and prints what building, opening, reading at random, shuffling an epoch and asking for splits,
labels and names take: time, memory of the process beside mapped files, open files (Linux).
"""

from __future__ import annotations

import argparse
import os
import pickle
import resource
import shutil
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
from mmactrep.store.writer import SkeletonStoreWriter


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument('store', nargs='?', help='folder of a store')
    what.add_argument('--synthetic', type=COUNT, metavar='CLIPS', help='make a store of so many clips')
    parser.add_argument('--frames', type=COUNT, default=64, help='frames of a synthetic clip (%(default)s)')
    parser.add_argument(
        '--folder', type=Path, help='where the synthetic store is made (default: for temporary files)'
    )
    parser.add_argument('--keep', action='store_true', help='keep the synthetic store')
    parser.add_argument('--stage', choices=('build', 'use'), help=argparse.SUPPRESS)
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


def benchmark_synthetic(args: argparse.Namespace) -> None:
    """Make the store in one process and use it in another, so that each shows its own memory."""
    folder = Path(tempfile.mkdtemp(dir=args.folder))
    try:
        values = ['--synthetic', args.synthetic, '--frames', args.frames, '--clips', args.clips]
        for stage in ('build', 'use'):
            command = [sys.executable, __file__, *values, '--folder', folder / 'store', '--stage', stage]
            subprocess.run([str(part) for part in command], check=True)
    finally:
        if args.keep:
            print(f'kept in {folder}')
        else:
            shutil.rmtree(folder)


def build_synthetic(root: Path, clips: int, frames: int) -> None:
    """Write the store as a build does, clip after clip, and print what it takes."""
    rng = np.random.default_rng(0)
    pool = rng.uniform(0, 400, (4 * frames, 17, 2)).astype(np.float32)
    score = np.ones((1, frames, 17), np.float32)
    classes = [f'class {label:03d}' for label in range(min(811, clips))]
    start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    before, begin = own_megabytes(), time.perf_counter()
    with SkeletonStoreWriter(root, 'posetics17', classes, dtype='float16') as writer:
        for clip in range(clips):
            at = int(rng.integers(0, 3 * frames + 1))
            writer.add(
                synthetic_name(clip), pool[None, at : at + frames], score, clip % len(classes), (340, 256), 30
            )
        added, filled = time.perf_counter() - begin, own_megabytes()
        writer.add_split('train', (synthetic_name(clip) for clip in range(clips) if clip % 12))
        writer.add_split('val', (synthetic_name(clip) for clip in range(0, clips, 12)))
        writer.finish()
    total = time.perf_counter() - begin
    size = sum(path.stat().st_size for path in root.rglob('*') if path.is_file()) / 2**30
    print(f'{clips} clips of {frames} frames, one person, float16: {size:.2f} GB')
    row('adding the clips', f'{added:.1f} s', f'{clips / added:.0f} clips/s', f'{filled - before:.0f} MB')
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    row('index, splits, checksums', f'{total - added:.1f} s', '', f'{peak - start:.0f} MB at most')


def use_synthetic(root: Path, reads: int) -> None:
    """Open, read, shuffle and ask, and print what it takes."""
    from mmengine.dataset import DefaultSampler

    from mmactrep.datasets import SkeletonDataset
    from mmactrep.datasets.samplers import EpochSampler

    def measured(what: str, work: Callable[[], object], rounds: int = 9) -> object:
        before, took = own_megabytes(), []
        for _ in range(rounds):
            begin = time.perf_counter()
            result = work()
            took.append(1000 * (time.perf_counter() - begin))
        grown = own_megabytes() - before
        row(what, f'{took[0]:.2f} ms', f'{statistics.median(took):.2f} ms again', f'{grown:.1f} MB')
        return result

    files = len(os.listdir('/proc/self/fd'))
    store = measured('opening the store', lambda: SkeletonStore(root))
    dataset = measured(
        'opening the data set of train', lambda: SkeletonDataset(str(root), [], split='train'), 1
    )
    order = np.random.default_rng(0).integers(len(dataset), size=reads)
    before = own_megabytes()
    reading = rate(dataset.__getitem__, order)
    row(
        f'reading {reads} clips at random',
        f'{reading:.0f} clips/s',
        '',
        f'{own_megabytes() - before:.1f} MB',
    )
    for sampler in (EpochSampler(dataset, seed=0), DefaultSampler(dataset, seed=0)):
        before, begin = own_megabytes(), time.perf_counter()
        numbers = iter(sampler)
        next(numbers)
        grown, count = own_megabytes() - before, 1 + sum(1 for _ in numbers)
        took = time.perf_counter() - begin
        row(f'an epoch of {type(sampler).__name__}', f'{took:.2f} s', f'{count} clips', f'{grown:.1f} MB')
        del numbers
    measured('clips of a split', lambda: store.split('val'))
    measured('clips of a class', lambda: np.flatnonzero(store.labels == 7))
    measured('clips of every class, counted', lambda: np.bincount(store.labels))
    names = [synthetic_name(int(clip)) for clip in order[:1000]]
    begin = time.perf_counter()
    assert [store.find(name) for name in names] == order[:1000].tolist()
    row('a clip by its name', f'{(time.perf_counter() - begin) * 1e3:.0f} µs')
    row('open files', f'{len(os.listdir("/proc/self/fd")) - files}')


def synthetic_name(clip: int) -> str:
    """A name like those of Kinetics's clips."""
    return f'{clip * 2654435761 % 2**40:011x}_{clip % 300:06d}_{clip % 300 + 10:06d}'


def own_megabytes() -> float:
    """Memory that the process holds itself; pages of mapped files, which may be dropped, do not count."""
    with open('/proc/self/status', encoding='ascii') as file:
        kilobytes = next(line.split()[1] for line in file if line.startswith('RssAnon:'))
    return int(kilobytes) / 1024


def row(what: str, *values: str) -> None:
    """Print a line of a table."""
    print(f'  {what:34}' + ''.join(f'{value:>20}' for value in values), flush=True)


@plain_errors
def main(argv: list[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    args = parse_args(argv)
    if args.stage == 'build':
        build_synthetic(Path(args.folder), args.synthetic, args.frames)
        return 0
    if args.stage == 'use':
        use_synthetic(Path(args.folder), args.clips)
        return 0
    if args.synthetic:
        benchmark_synthetic(args)
        return 0

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
