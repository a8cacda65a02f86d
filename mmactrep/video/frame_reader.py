"""Frames from a live source: read in a thread, late ones dropped."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from .frame_sources import StreamError
from .frame_times import check_rate


@dataclass(frozen=True, eq=False)
class TimedFrame:
    """A frame and the time when it was captured.

    Args:
        number: Position in the source, from 0; dropped frames leave gaps.
        captured: ``time.monotonic()`` when it was read.
        image: (H, W, 3) uint8, RGB.
    """

    number: int
    captured: float
    image: np.ndarray


class FrameReader:
    """Reads frames in a thread into a short queue; when it is full the oldest frame is dropped.

    Iterating gives the frames in their order and ends with the source. Use it in a ``with`` statement, or
    call :meth:`close`.

    Args:
        frames: The source; read in the thread, one frame at a time. A generator is closed at the end.
        fps: Plays the source at this rate. Default: as fast as it delivers frames, like a camera.
        queue_size: Frames that may wait. The latency is at most ``queue_size + 1`` times the processing time
            per frame.
        drop: If off, the source waits instead: every frame is delivered.

    Attributes:
        num_read: Frames read so far.
        num_dropped: Frames dropped so far.
    """

    def __init__(
        self, frames: Iterable[np.ndarray], fps: float | None = None, queue_size: int = 2, drop: bool = True
    ) -> None:
        if queue_size < 1:
            raise ValueError(f'queue_size must be at least 1, got {queue_size}')
        if fps and (problem := check_rate(fps)):
            raise ValueError(f'a source plays at a rate of frames: {problem}')
        self._frames = frames
        self._interval = 1.0 / fps if fps else 0.0
        self._size = queue_size
        self._drop = drop
        self._queue: deque[TimedFrame] = deque()
        self._changed = threading.Condition()
        self._stopped = False
        self._ended = False
        self._error: Exception | None = None
        self.num_read = 0
        self.num_dropped = 0
        self._thread = threading.Thread(target=self._read, name='frame reader', daemon=True)

    def __enter__(self) -> FrameReader:
        self._thread.start()
        return self

    def __exit__(self, *exception) -> None:
        self.close()

    def _read(self) -> None:
        begin = time.monotonic()
        try:
            for number, image in enumerate(self._frames):
                if not self._wait_until(begin + number * self._interval):
                    break
                self._put(TimedFrame(number, time.monotonic(), image))
        except Exception as error:  # raised again in the thread that iterates
            self._error = error
        finally:
            close = getattr(self._frames, 'close', None)
            if close is not None:
                close()
            with self._changed:
                self._ended = True
                self._changed.notify_all()

    def _wait_until(self, due: float) -> bool:
        """Whether to continue."""
        with self._changed:
            if self._interval:
                self._changed.wait_for(lambda: self._stopped, max(0.0, due - time.monotonic()))
            return not self._stopped

    def _put(self, frame: TimedFrame) -> None:
        with self._changed:
            self.num_read += 1
            if len(self._queue) >= self._size:
                if self._drop:
                    self._queue.popleft()
                    self.num_dropped += 1
                else:
                    self._changed.wait_for(lambda: self._stopped or len(self._queue) < self._size)
            self._queue.append(frame)
            self._changed.notify_all()

    def __iter__(self) -> Iterator[TimedFrame]:
        """Frames in order.

        Raises:
            StreamError: After the last frame, if the source raised an error.
        """
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._queue or self._ended or self._stopped)
                if self._stopped:
                    return
                if not self._queue:
                    break
                frame = self._queue.popleft()
                self._changed.notify_all()
            yield frame
        if self._error is not None:
            raise StreamError(
                f'the source broke off after {self.num_read} frames: {self._error}'
            ) from self._error

    def close(self, timeout: float = 2.0) -> None:
        """Stop reading. A source that blocks (a dead camera) is abandoned after ``timeout`` seconds."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join(timeout)
