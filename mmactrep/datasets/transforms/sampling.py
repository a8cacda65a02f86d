"""Which frames of a clip a model sees."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np
from mmcv.transforms import BaseTransform

from mmactrep.registry import TRANSFORMS

from .base import SkeletonTransform, check_choice, read_skeleton
from .random_state import get_rng


def replay_indices(num_frames: int, length: int, start: int = 0) -> np.ndarray:
    """Frames start, start + 1, ... of a clip that is played again and again: t mod T.

    Args:
        num_frames: Frames T of the clip.
        length: Number of indices.
        start: First frame.

    Returns:
        (length,) indices.
    """
    return np.arange(start, start + length) % num_frames


def crop_indices(
    num_frames: int, length: int, num_clips: int = 1, rng: np.random.Generator | None = None
) -> np.ndarray:
    """Windows of consecutive frames; a clip shorter than the window is filled by replaying it.

    Args:
        num_frames: Frames T of the clip.
        length: Frames per window.
        num_clips: Number of windows.
        rng: Draws where the windows start. Default: they are spread evenly from the first frame to the
            last; a single one is in the middle.

    Returns:
        (num_clips, length) indices.
    """
    room = max(num_frames - length, 0)
    if rng is not None:
        starts = rng.integers(0, room + 1, num_clips)
    elif num_clips == 1:
        starts = np.array([room // 2])
    else:
        starts = np.round(np.linspace(0, room, num_clips)).astype(np.int64)
    return (starts[:, None] + np.arange(length)) % num_frames


def uniform_indices(
    num_frames: int,
    length: int,
    num_clips: int = 1,
    rng: np.random.Generator | None = None,
    short: str = 'replay',
) -> np.ndarray:
    """One frame from each of ``length`` equal segments of a clip: floor((i + u) T / length).

    Args:
        num_frames: Frames T of the clip.
        length: Number of segments, i.e. frames per sample.
        num_clips: Number of samples.
        rng: Draws u from [0, 1) for every segment. Default: u = (k + 0.5) / num_clips for sample k, so a
            single sample takes the middles.
        short: What happens when T < length. ``'replay'`` plays the clip again and again, ``'stretch'``
            slows it down, each frame repeated about length / T times.

    Returns:
        (num_clips, length) indices.
    """
    check_choice('short', short, ('replay', 'stretch'))
    if num_frames < length and short == 'replay':
        return np.tile(replay_indices(num_frames, length), (num_clips, 1))
    if rng is None:
        within = (np.arange(num_clips)[:, None] + 0.5) / num_clips
    else:
        within = rng.random((num_clips, length))
    indices = np.floor((np.arange(length) + within) * (num_frames / length)).astype(np.int64)
    # Rounding may lift the last position to T.
    return np.minimum(indices, num_frames - 1)


class FrameSampler(BaseTransform):
    """Base of transforms that select frames.

    Required keys: ``keypoint`` (M, T, V, C), optional ``keypoint_score`` (M, T, V).
    Modified keys: both, with num_clips * length frames, clip after clip.
    Added keys: ``frame_inds``, the clip's own frames, and ``num_clips``; ``total_frames`` is set to the new
    number of frames.
    """

    @abstractmethod
    def sample(self, num_frames: int, results: dict) -> np.ndarray:
        """(num_clips, length) indices of frames of a clip of ``num_frames``."""

    def transform(self, results: dict) -> dict:
        """Replace ``keypoint`` and ``keypoint_score`` by those of the frames selected."""
        keypoint, score = read_skeleton(results)
        indices = self.sample(keypoint.shape[1], results)
        flat = indices.reshape(-1)
        results['keypoint'] = keypoint[:, flat]
        results['keypoint_score'] = score[:, flat]
        earlier = results.get('frame_inds')
        results['frame_inds'] = flat if earlier is None else np.asarray(earlier)[flat]
        results['total_frames'] = len(flat)
        results['num_clips'] = len(indices)
        return results

    __repr__ = SkeletonTransform.__repr__


@TRANSFORMS.register_module()
class ReplayPad(FrameSampler):
    """Fill a clip up to a length by replaying it; longer ones stay as they are.

    Args:
        length: Minimum number of frames.
    """

    def __init__(self, length: int) -> None:
        _check_positive(length=length)
        self.length = length

    def sample(self, num_frames: int, results: dict) -> np.ndarray:
        """See :func:`replay_indices`."""
        return replay_indices(num_frames, max(num_frames, self.length))[None]


@TRANSFORMS.register_module()
class RandomTemporalCrop(FrameSampler):
    """A window of consecutive frames; a clip shorter than it is filled by replaying it.

    Args:
        length: Frames of the window.
        num_clips: Number of windows, for testing on several views.
        test_mode: Take the middle window (with several, evenly spread ones) instead of a random one.
    """

    def __init__(self, length: int, num_clips: int = 1, test_mode: bool = False) -> None:
        _check_positive(length=length, num_clips=num_clips)
        self.length = length
        self.num_clips = num_clips
        self.test_mode = test_mode

    def sample(self, num_frames: int, results: dict) -> np.ndarray:
        """See :func:`crop_indices`."""
        rng = None if self.test_mode else get_rng(results)
        return crop_indices(num_frames, self.length, self.num_clips, rng)


@TRANSFORMS.register_module()
class UniformTemporalSample(FrameSampler):
    """One frame from each of ``length`` equal segments, so that a sample spans the whole clip.

    mmaction2's ``UniformSampleFrames`` does nearly the same, but draws from the global random state also in
    testing, reseeds it, and cannot stretch.

    Args:
        length: Frames of a sample.
        jitter: Draw the frame within its segment; otherwise its middle is taken, for testing.
        num_clips: Number of samples, for testing on several views.
        short: ``'replay'`` fills a clip of fewer than ``length`` frames by replaying it, ``'stretch'`` slows
            it down.
        least_share: Each sample spans a part of the clip, drawn anew, of at least this share of its frames: a
            temporal crop that suits clips of any length. Needs ``jitter``.
    """

    def __init__(
        self,
        length: int,
        jitter: bool = True,
        num_clips: int = 1,
        short: str = 'replay',
        least_share: float = 1.0,
    ) -> None:
        _check_positive(length=length, num_clips=num_clips)
        check_choice('short', short, ('replay', 'stretch'))
        if not 0 < least_share <= 1:
            raise ValueError(f'least_share must be above 0 and at most 1, got {least_share}')
        if least_share < 1 and not jitter:
            raise ValueError('parts of a clip are random: least_share needs jitter')
        self.least_share = least_share
        self.length = length
        self.jitter = jitter
        self.num_clips = num_clips
        self.short = short

    def sample(self, num_frames: int, results: dict) -> np.ndarray:
        """See :func:`uniform_indices`."""
        rng = get_rng(results) if self.jitter else None
        if self.least_share == 1:
            return uniform_indices(num_frames, self.length, self.num_clips, rng, self.short)
        rows = []
        for _ in range(self.num_clips):
            part = max(1, round(num_frames * rng.uniform(self.least_share, 1)))
            start = rng.integers(0, num_frames - part + 1)
            rows.append(start + uniform_indices(part, self.length, 1, rng, self.short)[0])
        return np.stack(rows)


def _check_positive(**arguments: int) -> None:
    for name, value in arguments.items():
        if value < 1:
            raise ValueError(f'{name} must be at least 1, got {value}')
