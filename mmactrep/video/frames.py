"""Reading videos frame by frame, with clear errors for those that cannot be read."""

from __future__ import annotations

import os
import re
import struct
import time
from collections.abc import Iterator
from pathlib import Path

import decord
import numpy as np

from mmactrep.errors import UserError

#: Endings of the files that a folder of videos is searched for.
VIDEO_SUFFIXES = ('.avi', '.m4v', '.mkv', '.mov', '.mp4', '.mpeg', '.mpg', '.webm', '.wmv')
# Top-level boxes of ISO media files (ISO/IEC 14496-12); another name there is no such file.
_ISO_BOXES = {
    b'ftyp',
    b'moov',
    b'mdat',
    b'free',
    b'skip',
    b'wide',
    b'uuid',
    b'moof',
    b'mfra',
    b'sidx',
    b'styp',
}


class VideoError(UserError, ValueError):
    """A video that is absent, empty, no video, truncated or damaged; the message names the file."""


class VideoFrames:
    """The frames of a video file, read one after another by decord; memory does not grow with its length.

    >>> video = VideoFrames('video.mp4')
    >>> for first, frames in video.batches(16):
    ...     poses = expert.predict(frames, first)

    A rotation that the file asks for (telephones) is applied.

    Args:
        path: File of any container and codec that decord's FFmpeg reads.
        allow_truncated: Read what there is of a file that ends too early, instead of refusing it.
        num_threads: Decoding threads; 0 lets decord choose.

    Attributes:
        path: The file.
        num_frames: Number of frames N.
        fps: Frames a second; 0 if the file does not say.
        size: (H, W) in pixels.
        seconds: Time spent decoding so far.

    Raises:
        VideoError: If it cannot be opened, holds no video or is truncated.
    """

    def __init__(self, path: str | os.PathLike, allow_truncated: bool = False, num_threads: int = 0) -> None:
        self.path = Path(path)
        self.allow_truncated = allow_truncated
        self.num_threads = num_threads
        self.seconds = 0.0
        check_file(self.path)
        truncation = find_truncation(self.path)
        if truncation and not allow_truncated:
            raise VideoError(f'{self.path}: truncated video: {truncation}')
        begin = time.perf_counter()
        reader = self._open()
        self.num_frames = len(reader)
        if not self.num_frames:
            raise VideoError(f'{self.path}: the video has no frames')
        fps = float(reader.get_avg_fps())
        self.fps = fps if np.isfinite(fps) and fps > 0 else 0.0
        self.size: tuple[int, int] = self._decode(reader, 0).shape[:2]
        self.seconds = time.perf_counter() - begin

    def __len__(self) -> int:
        return self.num_frames

    def __iter__(self) -> Iterator[np.ndarray]:
        """Frames (H, W, 3) uint8, RGB."""
        for _, frames in self.batches(1):
            yield frames[0]

    def batches(self, batch_size: int = 16) -> Iterator[tuple[int, list[np.ndarray]]]:
        """Consecutive frames from the start: (number of the first one, pictures (H, W, 3) uint8, RGB).

        Raises:
            VideoError: At a frame that cannot be decoded; what comes before it has been given out.
        """
        if batch_size < 1:
            raise ValueError(f'a batch has at least one frame, got batch_size={batch_size}')
        reader = self._open()
        for first in range(0, self.num_frames, batch_size):
            begin = time.perf_counter()
            frames: list[np.ndarray] = []
            failure = None
            try:
                for frame in range(first, min(first + batch_size, self.num_frames)):
                    frames.append(self._decode(reader, frame))  # noqa: PERF401  those before an error count
            except VideoError as error:
                failure = error
            self.seconds += time.perf_counter() - begin
            if frames:
                yield first, frames
            if failure is not None:
                if self.allow_truncated and first + len(frames) > 0:
                    return
                raise failure

    def _open(self) -> decord.VideoReader:
        try:
            return decord.VideoReader(str(self.path), num_threads=self.num_threads)
        except (RuntimeError, decord.DECORDError) as error:
            raise VideoError(
                f'{self.path}: no video that can be read: expected a file with a video stream, '
                f'decord says: {_reason(error)}'
            ) from error

    def _decode(self, reader: decord.VideoReader, frame: int) -> np.ndarray:
        """The next frame, which is number ``frame``."""
        try:
            return _without_padding(reader.next().asnumpy())
        except (StopIteration, RuntimeError, decord.DECORDError) as error:
            raise VideoError(
                f'{self.path}: damaged or truncated video: expected {self.num_frames} frames, '
                f'cannot decode frame {frame}: {_reason(error)}'
            ) from error


def _without_padding(frame: np.ndarray) -> np.ndarray:
    """The picture (H, W, 3) of a frame that decord 0.6 turned by a rotation that the file asks for.

    Of narrow pictures it takes the padding at the end of each line for further channels.
    """
    height, width, channels = frame.shape
    if channels == 3:
        return frame
    return np.ascontiguousarray(frame.reshape(height, -1)[:, : width * 3]).reshape(height, width, 3)


def check_file(path: Path) -> None:
    """Refuse what is no file with content.

    Raises:
        VideoError: If the path is absent, a folder or an empty file.
    """
    if not path.exists():
        raise VideoError(f'{path}: no such file')
    if not path.is_file():
        raise VideoError(f'{path}: expected a video file, found a folder')
    if path.stat().st_size == 0:
        raise VideoError(f'{path}: the file is empty')


def find_truncation(path: Path) -> str | None:
    """What an MP4, MOV or AVI file lacks by its own account of its size; None for a whole file.

    FFmpeg repairs some truncated files silently: of an AVI cut in half it gives out half of the frames, the
    last of them damaged.
    """
    size = path.stat().st_size
    with open(path, 'rb') as file:
        head = file.read(12)
        if head[:4] == b'RIFF' and head[8:12] == b'AVI ':
            length = struct.unpack('<I', head[4:8])[0]
            # what a writer puts there that did not know, or could not say
            return None if length in (0, 0xFFFFFFFF) else _shortage(size, 8 + length)
        place, names = 0, set()
        while place + 8 <= size:
            file.seek(place)
            length, name = struct.unpack('>I4s', file.read(8))
            if name not in _ISO_BOXES:
                # another container, or a box that this list does not know: no statement
                return None
            names.add(name)
            if length == 1:
                length = struct.unpack('>Q', file.read(8).ljust(8, b'\0'))[0]
            elif length == 0:
                length = size - place
            if place + length > size:
                return _shortage(size, place + length)
            place += max(length, 8)
    return "it has media data, but no index ('moov')" if b'mdat' in names and b'moov' not in names else None


def _shortage(size: int, expected: int) -> str | None:
    return f'expected at least {expected} bytes, found {size}' if size < expected else None


def _reason(error: BaseException) -> str:
    """What a decord error says, without times, C++ files and the stack of calls."""
    lines = [line for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
    return re.sub(r'\[\d\d:\d\d:\d\d\] \S+:\d+: ', '', lines[0])[:200]
