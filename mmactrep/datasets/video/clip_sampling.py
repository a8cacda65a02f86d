"""Which frames of a video the clips of a sample take, and when they are shown."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from mmcv.transforms import BaseTransform

from mmactrep.datasets.transforms.base import check_choice, clip_name
from mmactrep.datasets.transforms.random_state import get_rng
from mmactrep.errors import UserError
from mmactrep.registry import TRANSFORMS
from mmactrep.video.opened_video import usable_times

from .notes import FirstNotes

SPREADS = ('apart', 'random', 'even')
SHORT = ('replay', 'hold', 'squeeze')
UNITS = ('frames', 'seconds')
# searching a time in the times of frames must not miss by rounding
_EPSILON = 1e-6


class StrideError(UserError, ValueError):
    """A stride that a cache does not have."""


def draw_places(num_clips: int, spread: str, rng: np.random.Generator | None = None) -> np.ndarray:
    """Where clips start, as shares of the room that a video leaves them.

    Args:
        num_clips: Number of clips.
        spread: ``'apart'``: one in each of as many equal parts of the room, in random order, so that all of
            them together span the video; ``'random'``: each anywhere, independent of the others;
            ``'even'``: from the first possible start to the last one, a single clip in the middle. The last
            draws nothing.
        rng: Generator.

    Returns:
        (num_clips,) float64 in [0, 1].
    """
    check_choice('spread', spread, SPREADS)
    if spread == 'even':
        return np.linspace(0, 1, num_clips) if num_clips > 1 else np.full(1, 0.5)
    if spread == 'random':
        return rng.random(num_clips)
    return (rng.permutation(num_clips) + rng.random(num_clips)) / num_clips


def clips_by_frames(
    seconds: np.ndarray, duration: float, length: int, stride: int, places: np.ndarray, short: str = 'replay'
) -> tuple[np.ndarray, np.ndarray]:
    """Clips of ``length`` frames, ``stride`` frames apart.

    A clip covers length x stride frames; it takes the first of every ``stride`` of them.

    Args:
        seconds: (N,) when the frames are shown, ascending from 0.
        duration: When the last one is no longer shown.
        length: Frames T of a clip.
        stride: Distance of its frames.
        places: (n,) where the clips start, see :func:`draw_places`.
        short: A video with fewer frames than a clip covers: ``'replay'`` plays it again and again,
            ``'hold'`` repeats its last frame, ``'squeeze'`` lowers the stride so that the clip covers the
            whole video. The clip then begins at 0 and ends with the video.

    Returns:
        (n, T) numbers of frames, and (n, 3) start, end and length of the clips in seconds.
    """
    check_choice('short', short, SHORT)
    count, covered = len(seconds), length * stride
    room = max(count - covered, 0)
    # a draw below 1 gives each of the room + 1 starts the same chance; 'even' includes 1
    starts = np.minimum((np.asarray(places) * (room + 1)).astype(np.int64), room)
    steps = np.arange(length) * (min(count / length, stride) if short == 'squeeze' else stride)
    numbers = starts[:, None] + np.floor(steps + _EPSILON).astype(np.int64)
    numbers = numbers % count if short == 'replay' else np.minimum(numbers, count - 1)
    edges = np.append(seconds, duration)
    begins, ends = edges[starts], edges[np.minimum(starts + covered, count)]
    return numbers, np.stack([begins, ends, ends - begins], axis=1)


def clips_by_seconds(
    seconds: np.ndarray,
    duration: float,
    length: int,
    stride: float,
    places: np.ndarray,
    short: str = 'replay',
) -> tuple[np.ndarray, np.ndarray]:
    """Clips of ``length`` frames, ``stride`` seconds apart: those that are shown at these times.

    Videos of different or uneven rates then show the same motion at the same speed. See
    :func:`clips_by_frames`.
    """
    check_choice('short', short, SHORT)
    covered = length * stride
    room = max(duration - covered, 0.0)
    begins = np.asarray(places, np.float64) * room
    steps = np.arange(length) * (min(duration / length, stride) if short == 'squeeze' else stride)
    times = begins[:, None] + steps
    times = times % duration if short == 'replay' else np.minimum(times, duration)
    numbers = np.searchsorted(seconds, times + _EPSILON, side='right') - 1
    ends = np.minimum(begins + covered, duration)
    return np.maximum(numbers, 0), np.stack([begins, ends, ends - begins], axis=1)


@TRANSFORMS.register_module()
class SampleVideoClips(BaseTransform):
    """A query and P positive clips of one video: ``num_clips = 1 + P``, the query first.

    Required keys: ``video`` (:class:`~mmactrep.video.opened_video.OpenedVideo`); or ``total_frames`` and,
    for times, mmaction2's ``avg_fps``.
    Added keys: ``frame_inds`` (num_clips * T,), ``num_clips``, ``clip_len`` and ``frame_interval`` as
    mmaction2's ``SampleFrames``; ``clip_times``, (num_clips, 3) float32: start, end and length of each clip
    in seconds, from the first frame of the video on.

    Args:
        length: Frames T of a clip.
        stride: Distance of its frames, in ``unit``.
        num_clips: Number of clips.
        unit: ``'frames'`` of the recording, or ``'seconds'``.
        spread: Where the clips lie, see :func:`draw_places`.
        short: What becomes of a video that is shorter than a clip, see :func:`clips_by_frames`. The first
            of them are named in the log.

    Raises:
        ValueError: If an argument is not valid.
    """

    def __init__(
        self,
        length: int = 8,
        stride: float = 8,
        num_clips: int = 1,
        unit: str = 'frames',
        spread: str = 'apart',
        short: str = 'replay',
    ) -> None:
        check_choice('unit', unit, UNITS)
        check_choice('spread', spread, SPREADS)
        check_choice('short', short, SHORT)
        if length < 1 or num_clips < 1 or stride <= 0 or (unit == 'frames' and stride != int(stride)):
            raise ValueError(
                'expected a length and a number of clips of at least 1, and a stride of whole frames or of '
                f'seconds, found {length}, {num_clips}, {stride} {unit}'
            )
        self.length, self.num_clips = length, num_clips
        self.stride = int(stride) if unit == 'frames' else float(stride)
        self.unit, self.spread, self.short = unit, spread, short
        self._notes = FirstNotes()

    def transform(self, results: dict) -> dict:
        """Choose the frames."""
        seconds, duration, every = _timing(results)
        rng = None if self.spread == 'even' else get_rng(results)
        places = draw_places(self.num_clips, self.spread, rng)
        if self.unit == 'seconds':
            stride = self.stride
            numbers, times = clips_by_seconds(seconds, duration, self.length, stride, places, self.short)
            too_short = duration < self.length * stride - _EPSILON
        else:
            stride = self._stride_in(every, results)
            numbers, times = clips_by_frames(seconds, duration, self.length, stride, places, self.short)
            too_short = len(seconds) < self.length * stride
        if too_short:
            self._note(results, len(seconds), duration)
        results['frame_inds'] = numbers.reshape(-1) + results.get('start_index', 0)
        results['clip_times'] = times.astype(np.float32)
        results['num_clips'], results['clip_len'] = self.num_clips, self.length
        results['frame_interval'] = self.stride
        return results

    def _stride_in(self, every: int, results: dict) -> int:
        if self.stride % every:
            raise StrideError(
                f'{clip_name(results)}: its cache has every {every}. frame of the video; expected a '
                f'stride of a multiple of {every} frames, found {self.stride}; or give the stride in seconds'
            )
        return self.stride // every

    def _note(self, results: dict, count: int, duration: float) -> None:
        done = dict(replay='is replayed', hold='holds its last frame', squeeze='is sampled more densely')
        self._notes.say(
            f'{clip_name(results)} has {count} frames ({duration:.2f} s), fewer than a clip of '
            f'{self.length} x {self.stride:g} {self.unit} covers: it {done[self.short]}'
        )

    def __repr__(self) -> str:
        arguments = ', '.join(f'{k}={v!r}' for k, v in vars(self).items() if not k.startswith('_'))
        return f'{type(self).__name__}({arguments})'


def _timing(results: dict) -> tuple[np.ndarray, float, int]:
    """Times of the frames, duration, and distance of the frames, from whatever has opened the video."""
    video = results.get('video')
    if video is not None:
        return video.seconds, video.duration, video.every
    times = _decord_times(results)
    if times is None:
        times = np.zeros(results['total_frames'])
    seconds, duration, _ = usable_times(times, float(results.get('avg_fps') or 0))
    return seconds, duration, 1


def _decord_times(results: dict) -> Sequence[float] | None:
    """Times that decord knows, after mmaction2's ``DecordInit``."""
    reader = results.get('video_reader')
    if not hasattr(reader, 'get_frame_timestamp'):
        return None
    starts = reader.get_frame_timestamp(range(results['total_frames']))[:, 0]
    return starts - starts[0]
