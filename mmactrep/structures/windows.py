"""Windows over sequences of frames: the only place where their positions are computed."""

from __future__ import annotations

import numpy as np


def window_starts(length: int, window: int, stride: int, cover_end: bool = True) -> np.ndarray:
    """First frames of the windows of a sequence.

    Args:
        length: Frames of the sequence, at least 1.
        window: Frames per window; one longer than the sequence starts at 0.
        stride: Frames from one window to the next, at most ``window``.
        cover_end: Add a last window flush with the end of the sequence, so that every frame is covered.
            Without it, frames after the last whole stride belong to no window.

    Returns:
        (n,) int64, increasing.
    """
    last = max(length - window, 0)
    count = (-(-last // stride) if cover_end else last // stride) + 1
    return np.minimum(np.arange(count) * stride, last)


def window_spans(num_frames: int, window: int | None, stride: int | None = None) -> list[tuple[int, int]]:
    """Windows that cover a clip, the last one flush with its end.

    Args:
        num_frames: Frames T of the clip.
        window: Frames per window; None, or T and more: one window, the whole clip.
        stride: Frames from one window to the next. Default: half a window.

    Returns:
        (start, end) of every window, end exclusive.

    Raises:
        ValueError: If an argument is less than 1.
    """
    stride = max(1, (window or 2) // 2) if stride is None else stride
    if num_frames < 1 or stride < 1 or (window is not None and window < 1):
        raise ValueError(f'frames, window and stride must be at least 1: {num_frames}, {window}, {stride}')
    window = num_frames if window is None else min(window, num_frames)
    return [(int(start), int(start) + window) for start in window_starts(num_frames, window, stride)]
