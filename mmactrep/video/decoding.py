"""Decoding with FFmpeg, through PyAV: the frames of a file or a stream as a player shows them."""

from __future__ import annotations

import contextlib
import re
import struct
from collections.abc import Container, Iterator
from dataclasses import dataclass, field

import av
import numpy as np
from av.video.reformatter import VideoReformatter

from .picture import MAX_PIXELS, Orientation, VideoError, orientation_of, square_size

# Video containers and elementary streams, as FFmpeg names them. Others (playlists, text as art, lists of
# files, images) would make it open files that the given file merely refers to.
_FORMATS = (
    'mov,mp4,matroska,webm,avi,mpegts,mpeg,mpegvideo,m4v,h264,hevc,vvc,av1,obu,ivf,flv,asf,ogg,mxf,gxf,dv,rm,nut,'
    'gif,wtv,yuv4mpegpipe,mjpeg,vc1,h263,dhav'
)
# From this many pixels on, decoding threads are worth their overhead.
_THREADED = 1280 * 720
# for converting frames; older releases of PyAV have no such argument
_ONE_THREAD = dict(threads=1) if 'threads' in (VideoReformatter.reformat.__doc__ or '') else {}
_MAX_NOTES = 5
# Containers whose header states their length; for others FFmpeg guesses from the bit rate.
_TIMED_FORMATS = ('mov', 'matroska', 'avi', 'asf', 'flv')
# A container that stores the decoding order and a rate; the times that FFmpeg derives are off by a few
# frames.
_COUNTED_FORMATS = ('avi',)


@dataclass
class Damage:
    """What is wrong with a video, in the order found: the first few notes, and their number."""

    notes: list[str] = field(default_factory=list)
    count: int = 0

    def __bool__(self) -> bool:
        return self.count > 0

    def __str__(self) -> str:
        more = self.count - len(self.notes)
        return '; '.join(self.notes) + (f'; and {more} more' if more else '')

    def note(self, text: str) -> None:
        """Add a note; beyond the first few, notes are only counted."""
        self.count += 1
        if len(self.notes) < _MAX_NOTES:
            self.notes.append(text)


@dataclass(frozen=True, eq=False)
class Packets:
    """What a file's packets reveal without decoding.

    Args:
        count: Number of packets that are shown, about the number of frames.
        seconds: (count,) ascending times of the frames; None if the container stores none.
        rates: Frame rates given in the file, most likely first.
        shortage: What is missing compared with the length in the header; None if nothing is.
    """

    count: int
    seconds: np.ndarray | None
    rates: tuple[float, ...]
    shortage: str | None


class VideoDecoder:
    """The frames of one file or stream, read once from the start.

    Args:
        source: Path of a file, or a stream's address.
        live: Whether it is an address. Only files are restricted to the list of video formats; a stream may
            take ``timeout`` seconds to answer.
        num_threads: Decoding threads; 0 chooses by the frame size.
        timeout: Seconds.

    Attributes:
        damage: The damage found so far.

    Raises:
        VideoError: If it contains no video, or its frames cannot be shown. The message does not name the
            source.
    """

    def __init__(self, source: str, live: bool = False, num_threads: int = 0, timeout: float = 10.0) -> None:
        self.damage = Damage()
        self._live = live
        try:
            self._container = _open(source, live, timeout)
            self._stream = _video_stream(self._container)
        except VideoError as error:
            if live:
                raise
            raise VideoError(
                f'no video that can be read: expected a file with a video stream, {error}'
            ) from error
        try:
            context = self._stream.codec_context
            self._stored = context.width, context.height
            if context.width and context.height:
                square_size(*self._stored, self._stream.sample_aspect_ratio)  # before any memory is taken
            context.options = {'max_pixels': str(MAX_PIXELS)}
            threaded = num_threads != 1 and (num_threads or context.width * context.height >= _THREADED)
            self._stream.thread_type = 'AUTO' if threaded and not live else 'NONE'
            context.thread_count = num_threads or (0 if threaded and not live else 1)
        except Exception:
            self.close()
            raise
        self._converter = VideoReformatter()
        self._orientation: Orientation | None = None
        self._broken, self._span = False, (0.0, 0.0)

    def __enter__(self) -> VideoDecoder:
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def close(self) -> None:
        """Close the source."""
        self._container.close()

    @property
    def rates(self) -> tuple[float, ...]:
        """Frame rates given in the source, most likely first."""
        found = (getattr(self._stream, name) for name in ('average_rate', 'guessed_rate', 'base_rate'))
        return tuple(dict.fromkeys(float(rate) for rate in found if rate))

    def frames(
        self, wanted: Container[int] | None = None, since: float | None = None
    ) -> Iterator[tuple[np.ndarray, float | None]]:
        """Every frame: (H, W, 3) uint8 RGB, and its time in seconds, None if the source stores none.

        Args:
            wanted: Numbers of the frames to return, from 0; the others are decoded, but not converted.
            since: Return frames of this time and later. The file is entered near it, if it can be; damage
                before it is no concern.

        A frame that cannot be decoded is noted in :attr:`damage` and skipped; one that the decoder repaired
        is noted and returned, as a player does.

        Raises:
            VideoError: If the frame size changes.
            OSError: If a live source breaks off.
        """
        number, failed, unit = 0, -1, self._stream.time_base or 1
        self._broken, self._span = False, (0.0, 0.0)
        reached = since is None
        if since is not None:
            self._enter(since)
        for packet in self._packets():
            # a packet of the part that cannot be decoded is damage even if no frame of it has come yet
            reached = reached or (packet is not None and self._time_of(packet) >= since)
            try:
                pictures = self._stream.decode(packet)
            except av.FFmpegError as error:
                if failed != number and reached:
                    self.damage.note(f'cannot decode frame {number}: {explain(error)}')
                failed, self._broken = number, True
                continue
            for picture in pictures:
                if since is not None and picture.pts is not None and picture.pts * unit < since:
                    continue
                self._broken = picture.is_corrupt
                if picture.is_corrupt:
                    self.damage.note(f'frame {number} is damaged')
                at = None if picture.pts is None else float(picture.pts * unit)
                if at is not None:
                    begin = self._span[0] if number else at
                    self._span = begin, at + float((picture.duration or 0) * unit)
                if wanted is None or number in wanted:
                    yield self._shown(picture, number), at
                number += 1

    def _enter(self, seconds: float) -> None:
        """Go to the last key frame at or before a time; to the start if the container cannot tell."""
        unit = self._stream.time_base
        try:
            self._container.seek(int(seconds / unit), stream=self._stream)
            first = next((packet for packet in self._container.demux(self._stream) if packet.size), None)
            near = first is not None and first.is_keyframe and self._time_of(first) <= seconds
            # reading one packet moved on: go there again, or to the start
            self._container.seek(int(seconds / unit) if near else 0, stream=self._stream)
        except av.FFmpegError:
            self._container.seek(0)

    def _time_of(self, packet: av.Packet) -> float:
        """When a packet is shown, or decoded; minus infinity if it does not say."""
        at = packet.dts if packet.pts is None else packet.pts
        return float('-inf') if at is None else float(at * packet.time_base)

    def broken_off(self) -> str | None:
        """After the last frame: whether more should have come, None if not."""
        if self._broken:
            return 'the last frame is damaged'
        index = self._stream.index
        return self._shortage({index: self._span[0]}, {index: self._span[1]}, alone=True)

    def _packets(self) -> Iterator[av.Packet | None]:
        try:
            yield from self._container.demux(self._stream)
        except av.FFmpegError as error:
            failure = error
        else:
            return
        yield None  # flushes the decoder
        if self._live:
            raise OSError(explain(failure)) from failure
        self.damage.note(f'the file cannot be read on: {explain(failure)}')

    def scan(self) -> Packets:
        """Read all packets, audio included, without decoding; this exhausts the decoder."""
        stream, times, count, damaged = self._stream, [], 0, False
        ends: dict[int, float] = {}
        begins: dict[int, float] = {}
        try:
            for packet in self._container.demux():
                if packet.size == 0 or (packet.dts is None and packet.pts is None):
                    continue
                at = float((packet.dts if packet.pts is None else packet.pts) * packet.time_base)
                index = packet.stream.index
                begins[index] = min(begins.get(index, at), at)
                ends[index] = max(ends.get(index, at), at + float((packet.duration or 0) * packet.time_base))
                if index == stream.index and not packet.is_discard:
                    count += 1
                    times.append(None if packet.pts is None else at)
        except av.FFmpegError as error:
            damaged = explain(error)
        counted = self._container.format.name in _COUNTED_FORMATS
        timed = len(times) > 0 and None not in times and not counted
        shortage = f'it cannot be read to its end: {damaged}' if damaged else self._shortage(begins, ends)
        return Packets(count, np.sort(np.array(times)) if timed else None, self.rates, shortage)

    def _shortage(self, begins: dict[int, float], ends: dict[int, float], alone: bool = False) -> str | None:
        """What is missing if streams end well before the length given in the header.

        Args:
            begins, ends: First and last time of each stream, by its number.
            alone: They are those of the video stream only; the header's length, which covers all streams,
                does not apply then.
        """
        stream, container = self._stream, self._container
        if not ends or not any(name in container.format.name for name in _TIMED_FORMATS):
            return None
        if stream.duration and stream.time_base:
            promised, own = float(stream.duration * stream.time_base), [stream.index]
        elif container.duration and (not alone or len(container.streams) == 1):
            promised, own = container.duration / av.time_base, list(ends)
        else:
            return None
        own = [index for index in own if index in ends]
        if not own:
            return None
        found = max(ends[index] for index in own) - min(begins[index] for index in own)
        step = 1 / self.rates[0] if self.rates else 0.0
        if promised - found <= max(0.2, 3 * step):
            return None
        return f'expected {promised:.2f} s, found {found:.2f} s'

    def _shown(self, picture: av.VideoFrame, number: int) -> np.ndarray:
        """A decoded frame in RGB, with square pixels, upright."""
        if self._orientation is None:
            self._orientation = orientation_of(_display_matrix(picture))
            self._stored = picture.width, picture.height
            self._size = square_size(*self._stored, self._stream.sample_aspect_ratio)
        stored = picture.width, picture.height
        if stored != self._stored:
            (width, height), first = stored, self._stored
            if abs(width * first[1] / (height * first[0]) - 1) > 0.02:
                raise VideoError(
                    f'its pictures change from {first[0]} x {first[1]} to {width} x {height} '
                    f'at frame {number}'
                )
        changes = {}
        if stored != self._size:
            changes = dict(width=self._size[0], height=self._size[1], interpolation='BICUBIC')
        if stored[0] * stored[1] < _THREADED:
            changes |= _ONE_THREAD
        # one converter for all frames: setting one up takes ten times as long as converting a small frame
        image = self._converter.reformat(picture, format='rgb24', **changes).to_ndarray()
        return self._orientation(image)


def _open(source: str, live: bool, timeout: float) -> av.container.InputContainer:
    options = (
        {'rtsp_transport': 'tcp'} if live else {'format_whitelist': _FORMATS, 'protocol_whitelist': 'file'}
    )
    try:
        with _error_log():
            # with the prefix, a file called 'http:...' or 'concat:...' is opened as a file
            return av.open(
                source if live else f'file:{source}',
                options=options,
                timeout=timeout if live else None,
                metadata_errors='replace',
            )
    except (av.FFmpegError, OSError) as error:
        raise VideoError(explain(error)) from error


@contextlib.contextmanager
def _error_log() -> Iterator[None]:
    """Inside the block, PyAV's errors carry FFmpeg's messages; nothing is printed."""
    level = av.logging.get_level()
    av.logging.set_level(av.logging.PANIC if level is None else level)
    try:
        yield
    finally:
        av.logging.set_level(level)


def _video_stream(container: av.container.InputContainer) -> av.VideoStream:
    """The video stream of a container; the cover picture of a music file does not count.

    Raises:
        VideoError: If there is no video stream that can be decoded.
    """
    covers = av.stream.Disposition.attached_pic
    streams = [stream for stream in container.streams.video if not stream.disposition & covers]
    if not streams:
        kinds = ', '.join(dict.fromkeys(stream.type for stream in container.streams)) or 'nothing'
        raise VideoError(f'there is {kinds} in it')
    stream = max(streams, key=lambda each: each.codec_context is not None and each.width * each.height)
    if stream.codec_context is None:
        raise VideoError('there is no decoder for its video stream')
    return stream


def _display_matrix(picture: av.VideoFrame) -> tuple[int, ...] | None:
    for data in picture.side_data:
        if data.type == av.sidedata.sidedata.Type.DISPLAYMATRIX:
            return struct.unpack('=9i', bytes(data)[:36])
    return None


def explain(error: BaseException) -> str:
    """The message of an FFmpeg error, without its number, the file and positions in FFmpeg's source."""
    log = getattr(error, 'log', None)
    text = getattr(error, 'strerror', None) or str(error) or type(error).__name__
    if log and log[2].strip():
        text = f'{text} ({log[1]}: {log[2].strip()})' if log[1] else f'{text} ({log[2].strip()})'
    if 'Format not on whitelist' in text and log:
        return f'it is no video file ({log[1]})'
    return re.sub(r'\s+', ' ', text)[:200]
