"""The package's video reader: the frames that a player shows, with their times, and clear errors."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from .decoding import Damage, VideoDecoder
from .frame_times import FrameTimes, check_rate, mend_clock, time_frames
from .picture import VideoError
from .suffixes import VIDEO_SUFFIXES
from .truncation import find_truncation

__all__ = ['VIDEO_SUFFIXES', 'VideoError', 'VideoFrames', 'check_file']


class VideoFrames:
    """The frames of a video file, decoded one after another; memory does not grow with its length.

    >>> video = VideoFrames('video.mp4')
    >>> for first, frames in video.batches(16):
    ...     poses = expert.predict(frames, first)

    Frames are those that a player shows: rotated or mirrored as the file says, with square pixels (frames
    with oblong pixels are stretched), without those hidden by an edit list.

    Args:
        path: File of any video container and codec that FFmpeg reads.
        allow_damaged: Read as much as possible of a damaged or truncated file, and report the damage in
            :attr:`damage`, instead of refusing the file.
        num_threads: Decoding threads; 0 chooses by the frame size.

    Attributes:
        path: The file.
        num_frames: Number of frames N: from the file's index until all have been read.
        times: When they are shown, and their rate; see :class:`~mmactrep.video.frame_times.FrameTimes`.
        size: (H, W) in pixels.
        damage: What is missing or damaged, as far as known.
        seconds: Time spent decoding so far.

    Raises:
        VideoError: If it cannot be opened, contains no video, cannot be shown or is damaged.
    """

    def __init__(self, path: str | os.PathLike, allow_damaged: bool = False, num_threads: int = 0) -> None:
        self.path = Path(path)
        self.allow_damaged = allow_damaged
        self.num_threads = num_threads
        self.damage = Damage()
        self.seconds = 0.0
        check_file(self.path)
        self._check(find_truncation(self.path), 'truncated video: ')
        begin = time.perf_counter()
        with self._open() as decoder:
            packets = decoder.scan()
        self._check(packets.shortage, 'damaged or truncated video: ')
        self.num_frames = packets.count
        self._rates, self._timed = packets.rates, packets.seconds is not None
        self._clock = None if packets.seconds is None or mend_clock(packets.seconds)[1] else packets.seconds
        self.times = self._time(packets.seconds)
        self.size = self._first_size()
        self.seconds = time.perf_counter() - begin

    def __len__(self) -> int:
        return self.num_frames

    @property
    def fps(self) -> float:
        """Frames per second, see :attr:`FrameTimes.fps`; 0 if the file does not say."""
        return self.times.fps

    @property
    def rates(self) -> tuple[float, ...]:
        """Frame rates given in the file, most likely first."""
        return self._rates

    def notes(self) -> list[str]:
        """What a user should know about the video, one sentence each; complete after the last frame."""
        notes = [f'the video is damaged: {self.damage}'] if self.damage else []
        return notes + [self.times.note] * (not self.times.steady)

    def __iter__(self) -> Iterator[np.ndarray]:
        """Frames (H, W, 3) uint8, RGB."""
        for _, frames in self.batches(1):
            yield frames[0]

    def batches(self, batch_size: int = 16) -> Iterator[tuple[int, list[np.ndarray]]]:
        """Consecutive frames from the start: (number of the first one, frames (H, W, 3) uint8, RGB).

        Raises:
            VideoError: At damage, unless that is allowed; the frames before it have been returned.
        """
        if batch_size < 1:
            raise ValueError(f'a batch has at least one frame, got batch_size={batch_size}')
        first, batch = 0, []
        try:
            for image, _ in self._read():
                batch.append(image)
                if len(batch) == batch_size:
                    yield first, batch
                    first, batch = first + len(batch), []
        except VideoError:
            if batch:
                yield first, batch
            raise
        if batch:
            yield first, batch

    def pick(self, numbers: Sequence[int]) -> list[np.ndarray]:
        """Some frames (H, W, 3) uint8, RGB; the video is decoded up to the last of them.

        Args:
            numbers: Numbers of the frames, in any order; one may occur several times.

        Raises:
            IndexError: If the video has no such frame.
            VideoError: At damage. Where that is allowed, frames that do not come are replaced by the last
                one before them.
        """
        wanted = sorted({int(number) for number in numbers})
        if wanted and not 0 <= wanted[0] <= wanted[-1] < self.num_frames:
            raise IndexError(
                f'{self.path}: frames 0 to {self.num_frames - 1}, not {wanted[0]} to {wanted[-1]}'
            )
        found: dict[int, np.ndarray] = {}
        begin = time.perf_counter()
        with self._open() as decoder:
            frames = decoder.frames(frozenset(wanted))
            for number in wanted:
                try:
                    image, _ = next(frames, (None, None))
                except VideoError as error:
                    raise VideoError(f'{self.path}: {error}') from error
                if (image is None or decoder.damage) and not self.allow_damaged:
                    raise VideoError(
                        f'{self.path}: damaged or truncated video: expected {self.num_frames} frames, '
                        + (str(decoder.damage) or f'there is no frame {number}')
                    )
                if image is None:
                    if not found:
                        raise VideoError(f'{self.path}: frame {number} and those behind it cannot be decoded')
                    image = found[max(found)]
                found[number] = image
        self.seconds += time.perf_counter() - begin
        return [found[int(number)] for number in numbers]

    def span(self, first: int, last: int) -> Iterator[np.ndarray]:
        """The frames ``first`` to ``last - 1``.

        Where the container stores times, the file is entered at the key frame before the first of them.

        Yields:
            (H, W, 3) uint8, RGB. Where damage is allowed, there may be fewer.

        Raises:
            VideoError: At damage, unless that is allowed, or if none of the frames can be decoded.
        """
        done, begin = 0, time.perf_counter()
        with self._open() as decoder:
            if self._clock is None:
                frames, until = decoder.frames(range(first, last)), math.inf
            else:
                # half-way between two frames, whatever a container rounds
                edges = np.concatenate([[-math.inf], (self._clock[1:] + self._clock[:-1]) / 2, [math.inf]])
                since = float(edges[first]) if first else None
                frames, until = decoder.frames(since=since), float(edges[last])
            while done < last - first:
                try:
                    image, at = next(frames, (None, None))
                except VideoError as error:
                    raise VideoError(f'{self.path}: {error}') from error
                self.seconds += time.perf_counter() - begin
                ended = image is None or (at is not None and at >= until)
                if (ended or decoder.damage) and not self.allow_damaged:
                    raise VideoError(
                        f'{self.path}: damaged or truncated video: expected frames {first} to {last - 1}, '
                        + (str(decoder.damage) or f'there is no frame {first + done}')
                    )
                if ended:
                    self.damage.note(f'expected frames {first} to {last - 1}, read {done}')
                    break
                done += 1
                yield image
                begin = time.perf_counter()
        if not done:
            raise VideoError(f'{self.path}: frame {first} and those behind it cannot be decoded')

    def at_constant_rate(self) -> Iterator[np.ndarray]:
        """Frames at :attr:`fps`, as many as ``times.num_steady``; for display.

        Frames of a steady video are returned as they are; those of an uneven one are repeated or skipped so
        that each is shown at its time.
        """
        if self.times.steady:
            yield from self
            return
        shown, last = 0, None
        for image, seconds in self._read():
            slot = round(seconds * self.fps)
            if last is not None:
                for _ in range(shown, slot):
                    yield last
                shown = max(shown, slot)
            last = image
        if last is not None:
            yield last

    def _open(self) -> VideoDecoder:
        try:
            return VideoDecoder(str(self.path), num_threads=self.num_threads)
        except VideoError as error:
            raise VideoError(f'{self.path}: {error}') from error

    def _read(self) -> Iterator[tuple[np.ndarray, float]]:
        """Every frame with its time from the first one on."""
        seconds, known = [], str(self.damage)
        with self._open() as decoder:
            frames = decoder.frames()
            while True:
                begin = time.perf_counter()
                try:
                    frame = next(frames, None)
                except VideoError as error:
                    raise VideoError(f'{self.path}: {error}') from error
                self.seconds += time.perf_counter() - begin
                if decoder.damage and not self.allow_damaged:
                    raise VideoError(
                        f'{self.path}: damaged or truncated video: expected {self.num_frames} frames, '
                        f'{decoder.damage}'
                    )
                if frame is None:
                    break
                image, at = frame
                seconds.append(at if self._timed and at is not None else self._even(len(seconds)))
                yield image, seconds[-1] - seconds[0]
            if decoder.damage and str(decoder.damage) not in known:
                self.damage.note(f'expected {self.num_frames} frames, read {len(seconds)}: {decoder.damage}')
        if not seconds:
            raise VideoError(f'{self.path}: the video has no frames')
        self.num_frames = len(seconds)
        # frames after damage may come out of order
        self.times = self._time(np.sort(seconds) if decoder.damage else np.array(seconds))

    def _even(self, number: int) -> float:
        """The time of a frame where the container stores none."""
        return number / (self._rates[0] if self._rates else 25.0)

    def _time(self, seconds: np.ndarray | None) -> FrameTimes:
        """Times of the frames, checked."""
        if seconds is None or not self._timed:
            seconds = np.array([self._even(number) for number in range(self.num_frames)])
            times = FrameTimes(seconds, self._rates[0] if self._rates else 0.0)
        else:
            mended, problem = mend_clock(seconds)
            self._check(problem, '')
            times = time_frames(mended, self._rates)
        problem = check_rate(times.fps)
        if problem:
            raise VideoError(f'{self.path}: {problem}')
        return times

    def _check(self, problem: str | None, kind: str) -> None:
        """Refuse damage, or note it where it is allowed."""
        if problem is None or problem in self.damage.notes:
            return
        if not self.allow_damaged:
            raise VideoError(f'{self.path}: {kind}{problem}')
        self.damage.note(problem)

    def _first_size(self) -> tuple[int, int]:
        with self._open() as decoder:
            try:
                for image, _ in decoder.frames():
                    return image.shape[:2]
            except VideoError as error:
                raise VideoError(f'{self.path}: {error}') from error
        reason = f': {decoder.damage}' if decoder.damage else ''
        raise VideoError(f'{self.path}: the video has no frames{reason}')


def check_file(path: Path) -> None:
    """Refuse a path that is not a file with content.

    Raises:
        VideoError: If the path is absent, a folder or an empty file.
    """
    if not path.exists():
        raise VideoError(f'{path}: no such file')
    if not path.is_file():
        raise VideoError(f'{path}: expected a video file, found a folder')
    if path.stat().st_size == 0:
        raise VideoError(f'{path}: the file is empty')
