"""Decode videos once, into a cache of small frames from which training reads clips without waiting.

    mmactrep cache data/ucf101/train1.txt data/ucf101/test1.txt \
        --root data/ucf101/videos --out data/ucf101/cache --short-side 128 --workers 8

Sources are lists of videos (lines 'path label', as mmactrep annotate writes them) and folders.
Configs of videos read the folder 'cache' beside that of the videos by themselves, or ``video_cache``. An
interrupted run resumes where it stopped. Videos that cannot be used are skipped and listed, with the reason,
in OUT.skipped.txt; mmactrep verify OUT reads everything back.

A crop of a fifth of the area, enlarged to S pixels, needs frames of more than S: 128 for training at 112
pixels, 256 at 224.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from mmactrep.arguments import PIXELS, WORKERS, plain_errors, printable, whole_number
from mmactrep.errors import UserError


def parse_args(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('sources', nargs='+', type=Path, help='lists of videos, or folders')
    parser.add_argument('--out', required=True, type=Path, help='folder of the cache')
    parser.add_argument(
        '--root',
        type=Path,
        help="folder that the paths of lists are relative to (default: 'videos' beside the list, or its own)",
    )
    parser.add_argument(
        '--short-side', type=PIXELS, default=128, help='pixels of the shorter side of a frame (%(default)s)'
    )
    parser.add_argument(
        '--every',
        type=whole_number(1, 1000),
        default=1,
        metavar='K',
        help='keep every K-th frame; strides of clips must be multiples of K (%(default)s)',
    )
    parser.add_argument('--quality', type=whole_number(1, 100), default=90, help='of the JPEGs (%(default)s)')
    parser.add_argument(
        '--allow-damaged', action='store_true', help='keep what is there of damaged videos, and list them'
    )
    parser.add_argument(
        '--workers', type=WORKERS, default=os.cpu_count() or 1, help='processes that decode (%(default)s)'
    )
    parser.add_argument('--overwrite', action='store_true', help='replace a finished cache')
    parser.add_argument('--quiet', action='store_true', help='no progress bar')
    return parser.parse_args(argv)


def find_videos(sources: Sequence[Path], root: Path | None) -> list[tuple[str, Path]]:
    """Name and file of every video of the sources.

    Raises:
        UserError: If a source is absent or has no videos.
    """
    from mmactrep.datasets.video.list_files import read_list_file, video_root
    from mmactrep.video.suffixes import VIDEO_SUFFIXES

    found: list[tuple[str, Path]] = []
    for source in sources:
        if source.is_dir():
            paths = sorted(path for path in source.rglob('*') if path.suffix.lower() in VIDEO_SUFFIXES)
            videos = [(path.relative_to(source).as_posix(), path) for path in paths if path.is_file()]
        else:
            base = video_root(source) if root is None else root
            videos = [(line.path, base / line.path) for line in read_list_file(source)]
        if not videos:
            raise UserError(f'{source}: no videos in it')
        found += videos
    return found


@plain_errors
def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status: 0, 1 after an error, 130 if interrupted."""
    args = parse_args(argv)

    from mmactrep.datasets.video.caching import CacheSettings, cache_videos

    settings = CacheSettings(args.short_side, args.every, args.quality, args.allow_damaged)
    videos = find_videos(args.sources, args.root)
    begin = time.perf_counter()
    try:
        report = cache_videos(videos, args.out, settings, args.workers, args.overwrite, not args.quiet)
    except FileExistsError as error:
        raise FileExistsError(f'{error}; --overwrite replaces it') from error
    except KeyboardInterrupt:
        print('interrupted; the same command resumes where it stopped', file=sys.stderr)
        return 130
    size = sum(path.stat().st_size for path in report.root.iterdir())
    resumed = f' ({report.resumed} from an earlier attempt)' if report.resumed else ''
    seconds = time.perf_counter() - begin
    print(f'{report.root}: {report.written} videos{resumed}, {size / 1e6:.1f} MB, {seconds:.0f} s')
    for what, lines in (
        (f'skipped {len(report.skipped)} videos, listed in {report.skipped_file}:', report.skipped.values()),
        (f'{len(report.notes)} videos to know about:', report.notes),
    ):
        if lines:
            print(what)
            for line in list(lines)[:10]:
                print(f'  {printable(line)}')
            if len(lines) > 10:
                print(f'  and {len(lines) - 10} more')
    return 0
