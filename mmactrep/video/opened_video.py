"""A video whose frames are read by their numbers, wherever it is kept."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from .frame_sources import DEFAULT_FPS
from .frames import VideoFrames


@dataclass(frozen=True, eq=False)
class OpenedVideo:
    """A video, its frames not yet read.

    Args:
        seconds: (N,) when each frame is shown, ascending from 0.
        duration: Seconds from the first frame until the last one is no longer shown.
        pick: Reads frames by number, see :meth:`mmactrep.video.frames.VideoFrames.pick`.
        every: Distance of its frames in frames of the recording: k where only every k-th was kept.
        note: What a user should know about it, for example that its times are assumed; empty if nothing.
    """

    seconds: np.ndarray
    duration: float
    pick: Callable[[Sequence[int]], list[np.ndarray]]
    every: int = 1
    note: str = ''

    def __len__(self) -> int:
        return len(self.seconds)

    @classmethod
    def of_frames(cls, frames: Sequence[np.ndarray], fps: float = DEFAULT_FPS) -> OpenedVideo:
        """A video of images (H, W, 3) at a constant rate."""
        seconds, duration, _ = usable_times(np.zeros(len(frames)), fps)
        return cls(seconds, duration, lambda numbers: [frames[int(number)] for number in numbers])


def open_video(path: str | os.PathLike, allow_damaged: bool = False) -> OpenedVideo:
    """Open a file; its frames are decoded, in this thread alone, when they are picked.

    Args:
        path: The file.
        allow_damaged: Read what is there of a damaged file.

    Raises:
        VideoError: If it contains no video that can be shown, or is damaged.
    """
    video = VideoFrames(path, allow_damaged, num_threads=1)
    seconds, duration, note = usable_times(video.times.seconds, video.fps)
    if not video.fps and not note and len(seconds) > 1:
        note = f'it states no frame rate; its frames are taken to come at {DEFAULT_FPS:g} a second'
    return OpenedVideo(seconds, duration, video.pick, note=note and f'{path}: {note}')


def usable_times(seconds: np.ndarray, fps: float) -> tuple[np.ndarray, float, str]:
    """Times of frames such that clips have a start and a length.

    Args:
        seconds: (N,) ascending from 0; all 0 where a file stores no times.
        fps: Frames per second, 0 if unknown.

    Returns:
        (N,) times; how long the video lasts: the last frame is shown as long as frames usually are; and a
        note, empty if the times are the file's own. Without times, they follow from the rate, and without a
        rate from :data:`~mmactrep.video.frame_sources.DEFAULT_FPS`.
    """
    seconds, note = np.asarray(seconds, np.float64), ''
    step = 1 / (fps or DEFAULT_FPS)
    if len(seconds) > 1:
        if seconds[-1] <= 0:
            rate = (
                f'the {fps:g} frames per second that it states'
                if fps
                else f'{DEFAULT_FPS:g} frames per second'
            )
            note = f'its frames have no times; they are taken to come at {rate}'
            seconds = np.arange(len(seconds)) * step
        else:
            usual = float(np.median(np.diff(seconds)))
            step = usual if usual > 0 else seconds[-1] / (len(seconds) - 1)
    return seconds, float(seconds[-1] + step) if len(seconds) else 0.0, note
