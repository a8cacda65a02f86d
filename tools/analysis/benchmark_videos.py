#!/usr/bin/env python
"""Clips per second through the whole pipeline of a pre-training, beside mmaction2's plain one.

    python tools/analysis/benchmark_videos.py data/ucf101/train1.txt --cache data/ucf101/cache

All read a query and positives of the same videos: from the cache (if one is given) and from the files with
this package's classes, and from the files with mmaction2's ``VideoDataset``, decord, crop, flip and color
jitter. Ours also take colors out, blur, and draw anew for every clip. They take turns in every round, so that
other load on the machine affects all of them. ``--clock cpu`` counts processor time, for a machine that
others use; it needs ``--workers 0``.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Sequence

from mmactrep.arguments import COUNT, PIXELS, WORKERS, plain_errors, whole_number


def parse_args(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('list', help="list of videos: lines 'path label'")
    parser.add_argument('--root', help="folder of its videos (default: 'videos' beside it, or its own)")
    parser.add_argument('--cache', help='cache of tools/data/cache_videos.py')
    parser.add_argument('--size', type=PIXELS, default=112, help='pixels of a clip (%(default)s)')
    parser.add_argument('--length', type=whole_number(1, 1000), default=8, help='frames (%(default)s)')
    parser.add_argument('--stride', type=whole_number(1, 1000), default=4, help='frames (%(default)s)')
    parser.add_argument('--num-clips', type=whole_number(1, 100), default=5, help='of a video (%(default)s)')
    parser.add_argument('--videos', type=COUNT, default=100, help='videos of a round (%(default)s)')
    parser.add_argument('--rounds', type=COUNT, default=3, help='%(default)s')
    parser.add_argument('--workers', type=WORKERS, default=0, help='loader processes (%(default)s)')
    parser.add_argument('--clock', choices=('wall', 'cpu'), default='wall', help='%(default)s')
    args = parser.parse_args(argv)
    if args.clock == 'cpu' and args.workers:
        parser.error('--clock cpu counts the time of one process: it needs --workers 0')
    return args


def our_steps(args: argparse.Namespace) -> list[dict]:
    """The pipeline of a pre-training."""
    return [
        dict(type='OpenVideo'),
        dict(type='SampleVideoClips', length=args.length, stride=args.stride, num_clips=args.num_clips),
        dict(type='ReadClipFrames'),
        dict(type='ClipResizedCrop', size=args.size),
        dict(type='ClipFlip'),
        dict(type='ClipColorJitter'),
        dict(type='ClipGray'),
        dict(type='ClipBlur'),
        dict(type='PackVideoClips'),
    ]


def their_steps(args: argparse.Namespace) -> list[dict]:
    """mmaction2's own transforms for the same clips."""
    size = (args.size, args.size)
    clips = dict(clip_len=args.length, frame_interval=args.stride, num_clips=args.num_clips)
    return [
        dict(type='mmaction.DecordInit'),
        dict(type='mmaction.SampleFrames', **clips),
        dict(type='mmaction.DecordDecode'),
        dict(type='mmaction.RandomResizedCrop', area_range=(0.2, 0.766)),
        dict(type='mmaction.Resize', scale=size, keep_ratio=False),
        dict(type='mmaction.Flip', flip_ratio=0.5),
        dict(type='mmaction.ColorJitter', brightness=0.6, contrast=0.6, saturation=0.6, hue=0.15),
        dict(type='mmaction.FormatShape', input_format='NCTHW'),
        dict(type='mmaction.PackActionInputs'),
    ]


def contestants(args: argparse.Namespace) -> dict[str, dict]:
    """Name to data set."""
    from mmactrep.datasets.video.list_files import video_root

    root = args.root if args.root is not None else str(video_root(args.list))
    files = dict(ann_file=args.list, data_prefix=dict(video=root))
    found = {}
    if args.cache:
        found['cache'] = dict(type='CachedVideoDataset', cache=args.cache, pipeline=our_steps(args), **files)
    found['videos'] = dict(type='VideoClipDataset', pipeline=our_steps(args), **files)
    found['mmaction2'] = dict(type='mmaction.VideoDataset', pipeline=their_steps(args), **files)
    return found


def seconds_of(dataset, rows: Sequence[int], workers: int, clock: Callable[[], float]) -> float:
    """Time to load some samples."""
    from mmengine.dataset import pseudo_collate
    from torch.utils.data import DataLoader, Subset

    loader = DataLoader(Subset(dataset, rows), batch_size=4, num_workers=workers, collate_fn=pseudo_collate)
    begin = clock()
    for _ in loader:
        pass
    return clock() - begin


@plain_errors
def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    args = parse_args(argv)

    import cv2
    import numpy as np
    import torch
    from mmengine.registry import init_default_scope

    from mmactrep.registry import DATASETS

    cv2.setNumThreads(0)
    torch.set_num_threads(1)
    init_default_scope('mmactrep')
    clock = time.process_time if args.clock == 'cpu' else time.perf_counter
    datasets = {name: DATASETS.build(cfg) for name, cfg in contestants(args).items()}
    total = min(map(len, datasets.values()))
    rows = np.random.default_rng(0).permutation(total)[: args.videos].tolist()
    seconds: dict[str, list[float]] = {name: [] for name in datasets}
    for round_ in range(-1, args.rounds):
        for name, dataset in datasets.items():
            taken = seconds_of(dataset, rows if round_ >= 0 else rows[:4], args.workers, clock)
            if round_ >= 0:
                seconds[name].append(taken)
    clips = len(rows) * args.num_clips
    print(
        f'{len(rows)} videos, {args.num_clips} clips of {args.length} x {args.stride} frames at {args.size} '
        f'pixels, {args.workers} workers, {args.clock} time, median of {args.rounds} rounds'
    )
    plain = statistics.median(seconds['mmaction2'])
    for name, values in seconds.items():
        median = statistics.median(values)
        print(f'{name:12}{clips / median:10.1f} clips/s{plain / median:8.2f} x mmaction2')
    return 0


if __name__ == '__main__':
    sys.exit(main())
