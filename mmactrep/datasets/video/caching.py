"""From videos to a cache of their frames: a :class:`~mmactrep.store.video_store.VideoStore`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from tqdm import tqdm

from mmactrep.arguments import describe
from mmactrep.datasets.workers import map_in_order
from mmactrep.errors import UserError
from mmactrep.store.skipped import skipped_file, write_skipped
from mmactrep.store.video_writer import VideoStoreWriter
from mmactrep.video.frames import VideoFrames
from mmactrep.video.opened_video import usable_times

from .augmentation import resize


class CacheError(UserError, ValueError):
    """A cache that cannot be made."""


@dataclass(frozen=True)
class CacheSettings:
    """What is kept of a video.

    Args:
        short_side: Pixels of the shorter side of a frame; smaller frames keep their size.
        every: Keep every k-th frame.
        quality: Quality of the JPEGs.
        allow_damaged: Keep what is there of a damaged video, instead of skipping it.
    """

    short_side: int = 128
    every: int = 1
    quality: int = 90
    allow_damaged: bool = False


@dataclass(frozen=True)
class SmallVideo:
    """A video as it is kept: the arguments of :meth:`VideoStoreWriter.add` but the name, and its damage."""

    jpegs: list[bytes]
    seconds: np.ndarray
    duration: float
    size: tuple[int, int]
    note: str = ''


@dataclass
class CacheReport:
    """What was done.

    Args:
        root: The cache.
        written: Videos in it.
        resumed: Those among them that an earlier, unfinished attempt had written.
        skipped: Videos that cannot be used, with the reason.
        notes: What is to be known about videos that were written, one line each.
    """

    root: Path
    written: int = 0
    resumed: int = 0
    skipped: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def skipped_file(self) -> Path:
        """The list of the videos that were skipped, beside the cache."""
        return skipped_file(self.root)


def shrink_video(path: Path, settings: CacheSettings) -> SmallVideo:
    """Decode a whole video to small frames.

    Raises:
        VideoError: If it contains no video that can be shown, or is damaged and that is not allowed.
    """
    video = VideoFrames(path, settings.allow_damaged, num_threads=1)
    jpegs, size = [], (0, 0)
    options = [cv2.IMWRITE_JPEG_QUALITY, settings.quality]
    for number, frame in enumerate(video):
        if number % settings.every:
            continue
        size = small_size(frame.shape[:2], settings.short_side)
        small = resize(frame[None], size)[0]
        jpegs.append(cv2.imencode('.jpg', cv2.cvtColor(small, cv2.COLOR_RGB2BGR), options)[1].tobytes())
    # complete times are known after the last frame
    seconds, duration, note = usable_times(video.times.seconds, video.fps)
    notes = [note] if note else []
    if video.damage:
        notes.append(f'the video is damaged: {video.damage}')
    return SmallVideo(jpegs, seconds[:: settings.every], duration, size, '; '.join(notes))


def small_size(size: tuple[int, int], short_side: int) -> tuple[int, int]:
    """Height and width of a frame whose shorter side is to have at most ``short_side`` pixels."""
    scale = min(1.0, short_side / min(size))
    return tuple(max(1, round(length * scale)) for length in size)


def cache_videos(
    videos: Sequence[tuple[str, Path]],
    root: Path,
    settings: CacheSettings,
    workers: int = 0,
    overwrite: bool = False,
    progress: bool = True,
) -> CacheReport:
    """Write a cache, resuming an unfinished attempt where it stopped.

    Videos are written in their order whatever the number of workers: two runs, or one that was killed and
    resumed, give the same files. A video that cannot be used is skipped and listed beside the cache.

    Args:
        videos: Name and file of each video.
        root: Folder of the cache.
        settings: What is kept.
        workers: Processes that decode; 0 decodes in this one.
        overwrite: Replace a finished cache, once the new one is complete.
        progress: Show a progress bar.

    Raises:
        FileExistsError: If ``root`` is a finished cache and ``overwrite`` is off.
        CacheError: If there are no videos, two have the same name, or none can be used.
        StoreError: If an unfinished cache was begun with other settings.
    """
    videos = _each_once(videos)
    if not videos:
        raise CacheError(f'{root}: there are no videos to cache')
    report = CacheReport(root)
    writer = VideoStoreWriter(
        root,
        settings.short_side,
        settings.every,
        settings.quality,
        dict(allow_damaged=settings.allow_damaged),
        overwrite,
    )
    with writer:
        pending = [video for video in videos if video[0] not in writer]
        report.resumed = len(videos) - len(pending)
        bar = tqdm(total=len(videos), initial=report.resumed, unit='video', disable=not progress)
        results = map_in_order(partial(_shrink_one, settings=settings), pending, workers)
        with bar, closing(results):
            for name, small, reason in results:
                if small is None:
                    report.skipped[name] = reason
                else:
                    writer.add(name, small.jpegs, small.seconds, small.duration, small.size)
                    if small.note:
                        report.notes.append(f'{name}: {small.note}')
                bar.update()
        report.written = len(writer)
        write_skipped(root, report.skipped)
        if not report.written:
            writer.discard()
            raise CacheError(
                f'none of {len(videos)} videos can be used, all reasons are in {report.skipped_file}; the '
                f'first: {next(iter(report.skipped.values()))}'
            )
        writer.finish()
    return report


def _each_once(videos: Sequence[tuple[str, Path]]) -> list[tuple[str, Path]]:
    """The videos, each once: one may be in several lists.

    Raises:
        CacheError: If two of them have one name.
    """
    found: dict[str, Path] = {}
    for name, path in videos:
        known = found.setdefault(name, path)
        if os.path.realpath(known) != os.path.realpath(path):
            raise CacheError(
                f"'{name}' is {known} and {path}: a cache has one video of a name; make a cache of each "
                'source, or of a folder above both'
            )
    return list(found.items())


def _shrink_one(video: tuple[str, Path], settings: CacheSettings) -> tuple[str, SmallVideo | None, str]:
    """A video, or why it cannot be used."""
    name, path = video
    try:
        return name, shrink_video(path, settings), ''
    except (UserError, OSError) as error:
        return name, None, describe(error)
