"""SST-A and a plain Python transcription of its equations, side by side in one run.

    OMP_NUM_THREADS=1 taskset -c 0 python tools/analysis/benchmark_aggregation.py

One person with random proposals. First, both are checked to agree. Then every round times both once, the
transcription (the oracle of the tests) on fewer frames. Prints medians over the rounds, also of the ratios.
The last line is for frames that arrive one at a time, as in a stream.

``--clock cpu`` counts processor time instead of wall-clock time, for a machine that others use.
"""

from __future__ import annotations

import argparse
import importlib.util
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np

from mmactrep.arguments import COUNT, SHARE, plain_errors, whole_number
from mmactrep.pose.aggregation.sst_a import aggregate

ORACLE = Path(__file__).resolve().parents[2] / 'tests' / 'helpers' / 'aggregation_oracle.py'
LAYOUT, JOINTS = 'coco17', 17
# Ears or nose, and shoulders, of that layout.
HEAD, NECK = [[3, 4], [0]], [[5, 6]]


def load_oracle() -> ModuleType:
    """The oracle of the tests.

    Raises:
        FileNotFoundError: If the tests are absent.
    """
    if not ORACLE.is_file():
        raise FileNotFoundError(f'the oracle is part of the tests, and {ORACLE} is absent: run in a checkout')
    spec = importlib.util.spec_from_file_location('aggregation_oracle', ORACLE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def draw(experts: int, frames: int, missing: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Proposals (E, T, V, 2) and scores (E, T, V) float32 about a moving person."""
    rng = np.random.default_rng(seed)
    walk = rng.normal(size=(frames, JOINTS, 2)).cumsum(axis=0)
    truth = rng.uniform(100, 400, (JOINTS, 2)) + walk
    keypoint = truth + rng.normal(size=(experts, frames, JOINTS, 2)) * 6
    score = rng.uniform(0.2, 1, (experts, frames, JOINTS)) * (
        rng.random((experts, frames, JOINTS)) >= missing
    )
    return keypoint.astype(np.float32), score.astype(np.float32)


def compare(oracle: ModuleType, keypoint: np.ndarray, score: np.ndarray) -> tuple[int, float]:
    """Number of joints that are chosen differently, and the largest difference of C."""
    result = aggregate(keypoint, score, LAYOUT)
    _, chosen, confidence = oracle.aggregate_plain(keypoint.tolist(), (score > 0).tolist(), HEAD, NECK)
    return int((result.chosen != chosen).sum()), float(np.abs(result.confidence - confidence).max())


def seconds(clock: Callable[[], float], function: Callable, *args) -> float:
    """Duration of one call."""
    start = clock()
    function(*args)
    return clock() - start


def stream(keypoint: np.ndarray, score: np.ndarray) -> None:
    """Aggregate frame by frame."""
    state = None
    for frame in range(keypoint.shape[1]):
        rows = slice(frame, frame + 1)
        state = aggregate(keypoint[:, rows], score[:, rows], LAYOUT, state=state).state


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('--experts', type=whole_number(1, 100), default=3, help='(%(default)s)')
    parser.add_argument('--frames', type=COUNT, default=100000, help='(%(default)s)')
    parser.add_argument('--plain-frames', type=COUNT, default=1000, help='of the transcription (%(default)s)')
    parser.add_argument('--missing', type=SHARE, default=0.2, help='share of joints missing (%(default)s)')
    parser.add_argument('--rounds', type=COUNT, default=5, help='(%(default)s)')
    parser.add_argument('--clock', choices=['wall', 'cpu'], default='wall')
    return parser.parse_args(argv)


@plain_errors
def main(argv: list[str] | None = None) -> int:
    """Run the command; returns its exit status: 1 if the two disagree."""
    args = parse_args(argv)
    oracle = load_oracle()
    keypoint, score = draw(args.experts, args.frames, args.missing)
    few = keypoint[:, : args.plain_frames], score[:, : args.plain_frames]
    plain_input = few[0].tolist(), (few[1] > 0).tolist(), HEAD, NECK
    different, worst = compare(oracle, *few)
    print(f'{args.experts} experts, {JOINTS} joints, {100 * args.missing:g} % missing; {args.clock} time')
    print(f'agreement over {few[0].shape[1]:,} frames: {different} joints differ, C by {worst:.1e} at most')
    clock = time.process_time if args.clock == 'cpu' else time.perf_counter
    aggregate(keypoint, score, LAYOUT)  # warm
    rates: dict[str, list[float]] = {'vectorized': [], 'plain Python': [], 'frame by frame': []}
    for _ in range(args.rounds):
        rates['vectorized'].append(args.frames / seconds(clock, aggregate, keypoint, score, LAYOUT))
        rates['plain Python'].append(few[0].shape[1] / seconds(clock, oracle.aggregate_plain, *plain_input))
        rates['frame by frame'].append(few[0].shape[1] / seconds(clock, stream, *few))
    for name, values in rates.items():
        ratio = statistics.median(a / b for a, b in zip(values, rates['plain Python']))
        print(f'{name:15s} {statistics.median(values):12,.0f} frames/s {ratio:8.2f} x plain Python')
    return int(different > 0 or worst > 1e-6)


if __name__ == '__main__':
    sys.exit(main())
