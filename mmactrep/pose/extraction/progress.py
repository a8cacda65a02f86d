"""The progress of a running extraction: which videos are done, and a progress bar."""

from __future__ import annotations

import sys
import time

from tqdm import tqdm

from mmactrep.store.writer import SkeletonStoreWriter

from .report import LOG_FILE, VideoEntry


class FinishedVideos:
    """The videos whose clips are all in the store, kept next to the unfinished store's journal."""

    def __init__(self, writer: SkeletonStoreWriter) -> None:
        self._path = writer.partial / LOG_FILE
        self._videos: dict[str, VideoEntry] = {}
        if self._path.exists():
            for line in self._path.read_text(encoding='utf-8').splitlines(keepends=True):
                if not line.endswith('\n'):
                    break
                entry = VideoEntry.read(line)
                if all(name in writer for name in entry.clips):
                    self._videos[entry.video] = entry
        whole = ''.join(entry.line for entry in self._videos.values())
        self._path.write_text(whole, encoding='utf-8')

    def __contains__(self, video: str) -> bool:
        return video in self._videos

    def entries(self) -> list[VideoEntry]:
        """All finished videos, in the order in which they were finished."""
        return list(self._videos.values())

    def clips(self, video: str) -> list[str]:
        """Names of the clips of a video; empty if it is not done."""
        return self._videos[video].clips if video in self._videos else []

    def add(self, entry: VideoEntry) -> None:
        """Record that all clips of a video are in the store."""
        with open(self._path, 'a', encoding='utf-8') as file:
            file.write(entry.line)
        self._videos[entry.video] = entry


class ExtractionProgress:
    """A progress bar over videos that also shows the progress and speed of the current one."""

    def __init__(self, videos: int, done: int, shown: bool) -> None:
        # a log file gets occasional lines instead of a moving bar
        interval = 0.5 if sys.stderr.isatty() else 30
        self._bar = tqdm(
            total=videos, initial=done, unit='video', desc='extract', disable=not shown, mininterval=interval
        )
        self._interval = interval
        self._frames, self._begin, self._shown = 0, time.perf_counter(), 0.0
        self._name, self._of, self._in = '', 0, 0

    def __enter__(self) -> ExtractionProgress:
        return self

    def __exit__(self, *_) -> None:
        self._bar.close()

    def begin_video(self, name: str, frames: int) -> None:
        """Begin the next video, with its expected number of frames."""
        self._name, self._of, self._in = name, frames, 0

    def add_frames(self, count: int) -> None:
        """Add to the number of frames done."""
        self._frames += count
        self._in += count
        now = time.perf_counter()
        if now - self._shown >= self._interval:
            self._shown = now
            rate = self._frames / (now - self._begin)
            self._bar.set_postfix_str(f'{self._name} {self._in}/{self._of}, {rate:.0f} frames/s')

    def next_video(self, skipped: int) -> None:
        """End a video; ``skipped`` is the number of skipped videos so far."""
        self._bar.update()
        if skipped:
            self._bar.set_description(f'extract, {skipped} skipped')
