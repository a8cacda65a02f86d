"""Videos that are no files: frames of one brightness each, for tests of what reads them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from mmactrep.video.frame_times import FrameTimes
from mmactrep.video.frames import VideoError


class FakeVideo:
    """Frames all of one brightness, or a failure after some.

    Args:
        frames: Number of frames.
        brightness: Of all frames, or of each.
        fails_at: Frame at which it breaks off.
    """

    def __init__(
        self, frames: int, brightness: int | Sequence[int] = 100, fails_at: int | None = None
    ) -> None:
        self.num_frames, self.fps, self.size, self.seconds = frames, 25.0, (48, 64), 0.0
        self.brightness, self.fails_at = np.broadcast_to(brightness, frames), fails_at
        self.times = FrameTimes(np.arange(frames) / self.fps, self.fps)

    def notes(self) -> list[str]:
        return []

    def batches(self, size: int) -> Iterator[tuple[int, list[np.ndarray]]]:
        for first in range(0, self.num_frames, size):
            if self.fails_at is not None and first >= self.fails_at:
                raise VideoError('broken.mp4: damaged or truncated video')
            count = min(size, self.num_frames - first)
            yield first, [np.full((32, 32, 3), self.brightness[first + n], np.uint8) for n in range(count)]
