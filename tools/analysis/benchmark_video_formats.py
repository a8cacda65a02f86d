#!/usr/bin/env python
"""Which format serves a cache of small frames: plain pixels, JPEGs or encoded videos?

    python tools/analysis/benchmark_video_formats.py VIDEO_OR_FOLDER ... --short-side 112

Writes the videos in each of them to a temporary folder, and prints the size and the clips per second of
processor time, read only and through the crops and colors of a pre-training: five clips of 8 frames of each
video.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mmactrep.arguments import COUNT, PIXELS, plain_errors

if TYPE_CHECKING:
    from mmactrep.video.opened_video import OpenedVideo

CLIPS, LENGTH, STRIDE = 5, 8, 4


def write_formats(
    paths: Sequence[Path], folder: Path, short_side: int
) -> dict[str, tuple[int, Callable[[int], OpenedVideo]]]:
    """Write the videos in every format.

    Returns:
        Format to its size in bytes and the function that opens the video of a number.
    """
    from mmactrep.datasets.video.augmentation import resize
    from mmactrep.datasets.video.caching import CacheSettings, shrink_video, small_size
    from mmactrep.store.video_store import VideoStore
    from mmactrep.store.video_writer import VideoStoreWriter
    from mmactrep.video.frames import VideoFrames
    from mmactrep.video.opened_video import OpenedVideo, open_video
    from mmactrep.video.writing import write_video

    pixels, encoded, times = [], [], []
    with VideoStoreWriter(folder / 'jpegs', short_side) as writer:
        for number, path in enumerate(paths):
            small = shrink_video(path, CacheSettings(short_side, allow_damaged=True))
            writer.add(str(number), small.jpegs, small.seconds, small.duration, small.size)
            video = VideoFrames(path, allow_damaged=True)
            size = small_size(video.size, short_side)
            frames = resize(np.stack(list(video)), size)
            pixels.append(folder / f'{number}.npy')
            encoded.append(folder / f'{number}.mp4')
            np.save(pixels[-1], frames)
            write_video(encoded[-1], frames[..., ::-1], video.fps or 25)
            times.append((small.seconds, small.duration))
        writer.finish()
    store = VideoStore(folder / 'jpegs')

    def open_pixels(number: int) -> OpenedVideo:
        frames = np.load(pixels[number], mmap_mode='r')
        return OpenedVideo(*times[number], lambda numbers: [np.array(frames[i]) for i in numbers])

    def size_of(files: Sequence[Path]) -> int:
        return sum(file.stat().st_size for file in files)

    return {
        'plain pixels': (size_of(pixels), open_pixels),
        'JPEGs in one file': (size_of([*store.root.iterdir()]), lambda number: store.open(str(number))),
        'small videos': (size_of(encoded), lambda number: open_video(encoded[number])),
        'the given videos': (size_of(paths), lambda number: open_video(paths[number], allow_damaged=True)),
    }


def rate(open_one: Callable[[int], OpenedVideo], count: int, augment: bool) -> float:
    """Clips per second of processor time."""
    from mmactrep.datasets import video

    steps = [video.SampleVideoClips(LENGTH, STRIDE, CLIPS), video.ReadClipFrames()]
    if augment:
        steps += [
            video.ClipResizedCrop(112),
            video.ClipFlip(),
            video.ClipColorJitter(),
            video.ClipGray(),
            video.ClipBlur(),
        ]
    rng, begin = np.random.default_rng(0), time.process_time()
    for number in range(count):
        results = dict(video=open_one(number), rng=rng)
        for step in steps:
            results = step(results)
    return count * CLIPS / (time.process_time() - begin)


@plain_errors
def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('videos', nargs='+', help='videos, or folders of them')
    parser.add_argument('--short-side', type=PIXELS, default=112, help='pixels (%(default)s)')
    parser.add_argument('--most', type=COUNT, default=100, help='videos to use, evenly chosen (%(default)s)')
    args = parser.parse_args(argv)

    import cv2

    from mmactrep.pose.extraction.video_list import list_videos

    cv2.setNumThreads(1)
    paths = [job.path for job in list_videos(args.videos)]
    paths = [paths[i] for i in np.unique(np.linspace(0, len(paths) - 1, args.most).astype(int))]
    with tempfile.TemporaryDirectory() as folder:
        formats = write_formats(paths, Path(folder), args.short_side)
        print(f'{len(paths)} videos, shorter side {args.short_side}')
        print(f'{"":20}{"MB":>10}{"read":>12}{"augmented":>12}  (clips/s)')
        for name, (size, open_one) in formats.items():
            rates = [rate(open_one, len(paths), augment) for augment in (False, True)]
            print(f'{name:20}{size / 1e6:10.1f}{rates[0]:12.0f}{rates[1]:12.0f}')
    return 0


if __name__ == '__main__':
    sys.exit(main())
