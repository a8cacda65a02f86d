"""Writing videos."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from mmactrep.errors import UserError

from .frame_times import check_rate

# H.264 plays everywhere; MPEG-4 is used where FFmpeg was built without an H.264 encoder.
# With its macroblock tree, x264 makes now and then another file of the same frames (measured: small frames).
_CODECS = {
    'libx264': {'preset': 'veryfast', 'crf': '20', 'x264-params': 'mbtree=0'},
    'mpeg4': {'qscale': '3'},
}


class VideoWriteError(UserError, OSError):
    """A video that cannot be written; the message names the file."""


def write_video(path: str | Path, frames: Iterable[np.ndarray], fps: float = 20.0) -> int:
    """Write images as an MP4.

    Args:
        path: The file; its folder is created.
        frames: (H, W, 3) uint8 BGR, all of one size. An odd last row or column is cut, as H.264 needs.
        fps: Frames per second.

    Returns:
        The number of frames written.

    Raises:
        ValueError: If there are no frames, the frames differ in size, or the frame rate is invalid.
        VideoWriteError: If the file cannot be written.
    """
    path = Path(path)
    problem = check_rate(fps) if fps else 'a video has a rate of frames, found none'
    if problem:
        raise ValueError(f'{path}: {problem}')
    path.parent.mkdir(parents=True, exist_ok=True)
    writer, count = None, 0
    try:
        for frame in frames:
            writer = writer or _Writer(path, frame.shape, fps)
            writer.write(frame)
            count += 1
    finally:
        if writer is not None:
            writer.close()
    if not count:
        raise ValueError(f'{path}: no frame to write')
    return count


class _Writer:
    """An MP4 file being written."""

    def __init__(self, path: Path, shape: tuple[int, ...], fps: float) -> None:
        self._path, self._shape = path, tuple(shape)
        height, width = (length - length % 2 for length in shape[:2])
        if len(shape) != 3 or shape[2] != 3 or not (height and width):
            raise ValueError(f'{path}: expected pictures (H, W, 3) of 2 x 2 pixels or more, found {shape}')
        codec = next(name for name in _CODECS if name in av.codecs_available)
        try:
            self._container = av.open(str(path), 'w', format='mp4', options={'movflags': 'faststart'})
            rate = Fraction(fps).limit_denominator(1001)
            self._stream = self._container.add_stream(codec, rate=rate, options=_CODECS[codec])
        except (av.FFmpegError, OSError) as error:
            raise self._error(error) from error
        self._stream.width, self._stream.height = width, height
        self._stream.pix_fmt = 'yuv420p'

    def write(self, frame: np.ndarray) -> None:
        if frame.shape != self._shape:
            raise ValueError(
                f'{self._path}: expected pictures of one size, found {frame.shape} behind {self._shape}'
            )
        even = np.ascontiguousarray(frame[: self._stream.height, : self._stream.width])
        self._mux(av.VideoFrame.from_ndarray(even, format='bgr24'))

    def close(self) -> None:
        """Write the buffered frames and the index."""
        try:
            self._mux(None)
            self._container.close()
        except (av.FFmpegError, OSError) as error:
            raise self._error(error) from error

    def _mux(self, picture: av.VideoFrame | None) -> None:
        try:
            self._container.mux(self._stream.encode(picture))
        except (av.FFmpegError, OSError) as error:
            raise self._error(error) from error

    def _error(self, error: BaseException) -> VideoWriteError:
        reason = getattr(error, 'strerror', None) or error
        return VideoWriteError(f'{self._path}: cannot write a video here: {reason}')
