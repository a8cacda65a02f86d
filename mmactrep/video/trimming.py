"""A part of a video, given in seconds, read as if it were a file of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from .frame_times import check_rate, time_frames
from .frames import VideoError, VideoFrames
from .opened_video import usable_times

# Times in lists are rounded; a frame that a list's end cuts by less than this belongs to the part or not.
_ROUNDING = 1e-3
# What a list may promise beyond the end of a video without a note, in seconds.
_SHORT = 0.5


class TrimmedVideo:
    """The frames of a video that are first shown from ``start`` on and before ``end``.

    Frames are chosen by when each is shown, so a video with uneven frame times, or with a rate other than
    its header says, is cut where a player would cut it. Times count from the video's first frame.

    >>> video = TrimmedVideo('video.mp4', 12.0, 22.0)
    >>> for first, frames in video.batches(16):  # first counts from 0, the first frame of the part
    ...     poses = expert.predict(frames, first)

    Args:
        path: The file.
        start: Seconds.
        end: Seconds; None for the end of the video. A part that would end later ends with the video.
        allow_damaged: Use the readable part of a damaged video, and note it.

    Attributes:
        first: Number of the part's first frame in the video.
        num_frames: Frames N of the part.
        times: When they are shown, from 0, and their rate: that of the part.
        size: (H, W) in pixels.
        duration: Length of the whole video in seconds.

    Raises:
        VideoError: If the video cannot be read, ends before the part begins, or shows no frame in it.
    """

    def __init__(
        self, path: str | os.PathLike, start: float, end: float | None = None, allow_damaged: bool = False
    ) -> None:
        self._video = VideoFrames(path, allow_damaged)
        self._start, self._end = start, end
        seconds, self.duration, _ = usable_times(self._video.times.seconds, self._video.fps)
        if start >= self.duration - _ROUNDING:
            raise VideoError(
                f'{self.path}: the part begins at {start:g} s, the video ends at {self.duration:.2f} s'
            )
        self.first, last = (int(n) for n in np.searchsorted(seconds, [start - _ROUNDING, np.inf]))
        if end is not None:
            last = int(np.searchsorted(seconds, end - _ROUNDING))
        if last <= self.first:
            until = f'{self.duration:.2f}' if end is None else f'{end:g}'
            raise VideoError(f'{self.path}: no frame is shown between {start:g} s and {until} s')
        self._seconds = seconds[self.first : last]
        self._measure(last - self.first)
        self.size = self._video.size

    @property
    def path(self) -> Path:
        """The file."""
        return self._video.path

    @property
    def fps(self) -> float:
        """Frames per second of the part, see :attr:`FrameTimes.fps`."""
        return self.times.fps

    @property
    def seconds(self) -> float:
        """Time spent decoding so far."""
        return self._video.seconds

    def batches(self, batch_size: int = 16) -> Iterator[tuple[int, list[np.ndarray]]]:
        """Consecutive frames of the part: (number of the first one in the part, frames (H, W, 3) uint8, RGB).

        Raises:
            VideoError: At damage, unless that is allowed; the frames before it have been returned.
        """
        first, batch = 0, []
        frames = self._video.span(self.first, self.first + len(self._seconds))
        for image in frames:
            batch.append(image)
            if len(batch) == batch_size:
                yield first, batch
                first, batch = first + len(batch), []
        if batch:
            yield first, batch
        if first + len(batch) < self.num_frames:
            self._measure(first + len(batch))

    def pick(self, numbers: Sequence[int]) -> list[np.ndarray]:
        """Some frames (H, W, 3) uint8, RGB, by their numbers in the part, in any order.

        Raises:
            VideoError: At damage. Where that is allowed, frames that do not come are replaced by the last one
                that does.
        """
        wanted, found = {int(number) for number in numbers}, {}
        image = None
        for number, image in enumerate(self._video.span(self.first, self.first + max(wanted) + 1)):
            if number in wanted:
                found[number] = image
        return [found.get(int(number), image) for number in numbers]

    def notes(self) -> list[str]:
        """What a user should know about the part, one sentence each; complete after the last frame."""
        notes = [f'the video is damaged: {self._video.damage}'] if self._video.damage else []
        if self._end is not None and self._end > self.duration + _SHORT:
            notes.append(f'the part should end at {self._end:g} s, the video ends at {self.duration:.2f} s')
        return notes + [self.times.note] * (not self.times.steady)

    def _measure(self, frames: int) -> None:
        """Find the rate of the first ``frames`` of the part."""
        self.num_frames = frames
        self.times = time_frames(self._seconds[:frames], self._video.rates)
        problem = check_rate(self.times.fps)
        if problem:
            raise VideoError(f'{self.path}: {problem}')
