"""Where frames come from: arrays, cameras, addresses, files."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from mmactrep.errors import InferenceError

from .decoding import VideoDecoder
from .frame_times import check_rate
from .frames import VideoFrames
from .picture import VideoError

STREAM_ADDRESS = re.compile(r'^(rtsps?|rtmp|https?|udp|tcp)://', re.IGNORECASE)
#: Frames per second of a file that does not state its rate.
DEFAULT_FPS = 25.0


class StreamError(InferenceError):
    """A source that broke off; what was read before has been delivered."""


@dataclass(frozen=True, eq=False)
class FrameSource:
    """An opened source.

    Args:
        frames: (H, W, 3) uint8 RGB as a player shows them. Raises :class:`StreamError` after the last frame
            if more should have come.
        fps: Frames per second of a file; None for a camera or an address, which set their own pace.
        close: Releases the source.
        rate: Frames per second that a camera or an address states for itself; None if it states none.
    """

    frames: Iterator[np.ndarray]
    fps: float | None
    close: Callable[[], None]
    rate: float | None = None


def batches(
    frames: Iterable[np.ndarray], size: int, seconds: dict[str, float]
) -> Iterator[tuple[int, list[np.ndarray]]]:
    """(first frame number, frames) of consecutive batches; the time spent reading them is added up."""
    batch: list[np.ndarray] = []
    first, iterator = 0, iter(frames)
    while True:
        begin = time.perf_counter()
        frame = next(iterator, None)
        seconds['decode'] = seconds.get('decode', 0.0) + time.perf_counter() - begin
        if frame is not None:
            batch.append(frame)
        if batch and (frame is None or len(batch) == size):
            yield first, batch
            first, batch = first + len(batch), []
        if frame is None:
            return


def check_frames(frames: np.ndarray | Sequence[np.ndarray]) -> np.ndarray | Sequence[np.ndarray]:
    """Refuse an array that is not frames (T, H, W, 3) uint8."""
    shape, dtype = np.shape(frames), getattr(frames, 'dtype', None)
    if len(shape) != 4 or shape[-1] != 3 or dtype != np.uint8 or 0 in shape:
        raise InferenceError(f'expected frames (T, H, W, 3) uint8 in RGB, found {shape} {dtype}')
    return frames


def open_frames(address: str | int | Path) -> FrameSource:
    """Open a camera (its number), an address or a file.

    Files and addresses are read by the package's own reader; cameras by OpenCV, since their frames need no
    rotation or timing.

    Raises:
        FileNotFoundError: If it is a file that does not exist.
        InferenceError: If a camera or an address cannot be opened.
        VideoError: If a file contains no video.
    """
    text = str(address)
    if text.isdecimal():
        return _camera(text)
    if STREAM_ADDRESS.match(text):
        return _stream(text)
    if not Path(text).is_file():
        raise FileNotFoundError(f'{text}: no such file')
    video = VideoFrames(text, allow_damaged=True)
    frames = _whole(video)
    return FrameSource(frames, video.fps or DEFAULT_FPS, frames.close)


def capture_frames(address: str | int, max_frames: int | None = None) -> Iterator[np.ndarray]:
    """Frames (H, W, 3) RGB of what :func:`open_frames` opens, at most ``max_frames``.

    Raises:
        As :func:`open_frames`, at the first frame; StreamError after the last one if the source broke off.
    """
    source = open_frames(address)
    try:
        for count, frame in enumerate(source.frames, 1):
            yield frame
            if count == max_frames:
                return
    finally:
        source.close()


def _whole(video: VideoFrames) -> Iterator[np.ndarray]:
    yield from video.at_constant_rate()
    if video.damage:
        raise StreamError(f'{video.path}: damaged or truncated video: {video.damage}')


def _camera(number: str) -> FrameSource:
    capture = cv2.VideoCapture(int(number))
    if not capture.isOpened():
        capture.release()
        raise InferenceError(f'camera {number} cannot be opened')

    def frames() -> Iterator[np.ndarray]:
        try:
            while True:
                there, frame = capture.read()
                if not there:
                    raise StreamError(f'camera {number} gives no more frames')
                yield cv2.cvtColor(frame, cv2.COLOR_BGR2RGB)
        finally:
            capture.release()

    rate = capture.get(cv2.CAP_PROP_FPS)
    return FrameSource(frames(), None, capture.release, _stated(rate))


def _stream(address: str) -> FrameSource:
    try:
        decoder = VideoDecoder(address, live=True)
    except VideoError as error:
        raise InferenceError(f'stream {address} cannot be opened: {error}') from error

    def frames() -> Iterator[np.ndarray]:
        try:
            for image, _ in decoder.frames():
                yield image
            problem = decoder.broken_off()
        except (OSError, VideoError) as error:
            raise StreamError(f'{address}: {error}') from error
        finally:
            decoder.close()
        if problem:
            raise StreamError(f'{address}: {problem}')

    return FrameSource(frames(), None, decoder.close, _stated(*decoder.rates[:1]))


def _stated(rate: float = 0.0) -> float | None:
    """A rate as a source states it; drivers that know none give 0, a negative number or nonsense."""
    return float(rate) if rate and not check_rate(rate) else None
