"""Milliseconds that a large feature store takes to open, and microseconds to read a clip.

    python tools/analysis/benchmark_feature_store.py
    python tools/analysis/benchmark_feature_store.py --clips 1000000 --different 1000000

Writes a store of random features into a temporary folder and removes it afterwards. By default, a million
clips share 10,000 different features of 768 channels in half precision (15 MB instead of 1.5 GB), as the
clips of a class share their sentences; names and entries are those of a million clips in any case. Opened
and read while the files are in the page cache.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from mmactrep.arguments import COUNT, plain_errors
from mmactrep.store.feature_store import FeatureStore
from mmactrep.store.feature_writer import FeatureStoreWriter

OPENINGS = 9
_CHUNK = 10_000


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('--clips', type=COUNT, default=10**6, help='clips of the store (%(default)s)')
    parser.add_argument('--different', type=COUNT, default=10**4, help='different features (%(default)s)')
    parser.add_argument('--dimension', type=COUNT, default=768, help='channels of a feature (%(default)s)')
    parser.add_argument('--reads', type=COUNT, default=10**4, help='clips read at random (%(default)s)')
    parser.add_argument(
        '--folder', type=Path, help='where the store is written (default: for temporary files)'
    )
    return parser.parse_args(argv)


def write_store(root: Path, clips: int, different: int, dimension: int) -> None:
    """A store of random features; clip i has feature i modulo ``different``, and a name in no order."""
    rng = np.random.default_rng(0)
    shared = different < clips
    rows = rng.standard_normal((min(different, clips, _CHUNK), dimension), np.float32)
    with FeatureStoreWriter(root, 'random', 'text', dimension, share=shared) as writer:
        for clip in range(clips):
            turn, row = divmod(clip % different, len(rows))
            # further features are the first ones, shifted by one channel each turn
            writer.add(clip_name(clip), np.roll(rows[row], turn), f'class {clip % 400}')
        writer.finish()


def clip_name(clip: int) -> str:
    """Name of a clip; consecutive ones are far from each other in the order of names."""
    return f'video_{clip * 7_368_787 % 10**9:09d}'


def microseconds(read: Callable[[str], object], names: Iterable[str]) -> float:
    """Mean time of a call."""
    names = list(names)
    begin = time.perf_counter()
    for name in names:
        read(name)
    return (time.perf_counter() - begin) / len(names) * 1e6


@plain_errors
def main(argv: list[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    args = parse_args(argv)
    with tempfile.TemporaryDirectory(dir=args.folder) as folder:
        root = Path(folder, 'store')
        begin = time.perf_counter()
        write_store(root, args.clips, args.different, args.dimension)
        print(f'written in {time.perf_counter() - begin:.1f} s')
        opened = []
        for _ in range(OPENINGS):
            begin = time.perf_counter()
            store = FeatureStore(root)
            opened.append(1000 * (time.perf_counter() - begin))
        present = [clip_name(int(i)) for i in np.random.default_rng(1).integers(args.clips, size=args.reads)]
        absent = [name.replace('video', 'other') for name in present]
        print(
            f'{len(store)} clips, {store.meta["num_rows"]} different features of {store.dimension} channels'
        )
        print(f'{"opened":24}{statistics.median(opened):10.2f} ms, median of {OPENINGS}')
        print(f'{"features of a clip":24}{microseconds(store.features, present):10.2f} us')
        print(f'{"category of a clip":24}{microseconds(store.category, present):10.2f} us')
        print(f'{"clip without entry":24}{microseconds(store.features, absent):10.2f} us')
    return 0


if __name__ == '__main__':
    sys.exit(main())
