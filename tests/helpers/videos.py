"""Generated videos like real files: rotated, with oblong pixels, uneven frame times, or edit lists."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

UPRIGHT = (1, 0, 0, 1)
#: Display matrices a, b, c, d: the point (p, q) is shown at (a p + c q, b p + d q).
TURNS = dict(
    quarter=(0, 1, -1, 0), half=(-1, 0, 0, -1), three_quarters=(0, -1, 1, 0),
    mirror=(-1, 0, 0, 1), flip=(1, 0, 0, -1),
)  # fmt: skip

#: Frames and sizes (H, W) of the videos of a folder, see the fixtures that write them.
LENGTHS = dict(a=20, b=7, c=12, d=3, e=16, f=20, g=9)
SIZES = dict(a=(48, 64), b=(48, 64), c=(32, 48), d=(48, 64), e=(32, 48), f=(48, 64), g=(48, 64))


def bright_frames(count: int = 20, size: tuple[int, int] = (48, 64)) -> list[np.ndarray]:
    """Frames (H, W, 3) of brightness 10 t + 20, the upper left quarter half as bright."""
    frames = []
    for t in range(count):
        frame = np.full((*size, 3), 10 * t + 20, np.uint8)
        frame[: size[0] // 4, : size[1] // 4] //= 2
        frames.append(frame)
    return frames


def make_video(
    path: Path,
    frames: Iterable[np.ndarray] | None = None,
    fps: float = 10.0,
    codec: str = 'libx264',
    matrix: Sequence[int] = UPRIGHT,
    pixel_aspect: Fraction | None = None,
    ticks: Sequence[int] | None = None,
    sound: float = 0.0,
    container: dict[str, str] | None = None,
    **options: str,
) -> Path:
    """Write a video with PyAV in the container of the suffix.

    Args:
        path: File to write.
        frames: (H, W, 3) uint8, RGB. Default: :func:`bright_frames`.
        fps: Frames per second.
        codec: FFmpeg name of the encoder.
        matrix: a, b, c, d of the display matrix.
        pixel_aspect: Width of a pixel over its height.
        ticks: Time of each frame, in units of 1 / fps. Default: one after another.
        sound: Seconds of silence in an audio track.
        container: Options of the container.
        options: Options of the encoder.
    """
    frames = bright_frames() if frames is None else list(frames)
    options = (dict(preset='veryfast', crf='10') if codec == 'libx264' else dict(qscale='2')) | options
    with av.open(str(path), 'w', options=container or {}) as out:
        stream = out.add_stream(codec, rate=Fraction(fps).limit_denominator(1000), options=options)
        audio = out.add_stream('aac', rate=48000, layout='mono') if sound else None
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = 'yuvj420p' if codec == 'mjpeg' else 'yuv420p'
        if pixel_aspect is not None:
            stream.codec_context.sample_aspect_ratio = pixel_aspect
        if tuple(matrix) != UPRIGHT:
            a, b, c, d = (value * 65536 for value in matrix)
            stream.set_display_matrix([a, b, 0, c, d, 0, 0, 0, 1 << 30])
        for number, frame in enumerate(frames):
            picture = av.VideoFrame.from_ndarray(frame, format='rgb24')
            picture.pts = number if ticks is None else ticks[number]
            picture.time_base = 1 / Fraction(fps).limit_denominator(1000)
            out.mux(stream.encode(picture))
        out.mux(stream.encode())
        if sound:
            _add_silence(out, audio, sound)
    return path


def _add_silence(out: av.container.OutputContainer, stream: av.AudioStream, seconds: float) -> None:
    size = stream.codec_context.frame_size or 1024
    for number in range(int(seconds * stream.rate) // size):
        frame = av.AudioFrame.from_ndarray(np.zeros((1, size), np.float32), format='fltp', layout='mono')
        frame.sample_rate, frame.pts = stream.rate, number * size
        out.mux(stream.encode(frame))
    out.mux(stream.encode())


def brightness(frames: Iterable[np.ndarray]) -> np.ndarray:
    """The number t of each of :func:`bright_frames`, from its lower half."""
    return np.array([(frame[len(frame) // 2 :].mean() - 20) / 10 for frame in frames])


def boxes(content: bytes) -> list[tuple[bytes, int, int]]:
    """(name, offset, length) of the top-level boxes of an MP4."""
    place, found = 0, []
    while place + 8 <= len(content):
        length, name = struct.unpack('>I4s', content[place : place + 8])
        found.append((name, place, length))
        place += length
    return found


def with_edit_list(path: Path, first: int, count: int, fps: float) -> Path:
    """Change the edit list of an MP4, in place, to show ``count`` frames starting at ``first``."""
    content = bytearray(path.read_bytes())
    header, track = content.find(b'mvhd'), content.find(b'mdhd')
    movie, media = (struct.unpack('>I', content[at + 16 : at + 20])[0] for at in (header, track))
    place = content.find(b'elst')
    assert place > 0, f'{path} has no edit list'
    duration, start = struct.unpack('>Ii', content[place + 12 : place + 20])
    entry = struct.pack('>Ii', round(count / fps * movie), start + round(first / fps * media))
    content[place + 12 : place + 20] = entry
    assert duration > 0
    path.write_bytes(content)
    return path
