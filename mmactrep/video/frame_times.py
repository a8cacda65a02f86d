"""When frames are shown: whether they come at a constant rate, and at which rate to resample them if not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

#: Valid frames per second of a video. A slower one shows no motion, a faster one has a broken clock.
MIN_FPS, MAX_FPS = 0.5, 1000.0
#: Longest time between two frames, in seconds; beyond it the clock is broken, or two recordings are one file.
MAX_GAP = 60.0
# How far frames may be from their time at a constant rate, in seconds. A recording that loses a frame or two
# counts as steady; the error in a window of two seconds is then below 5 %.
_TOLERANCE = 0.1 + 1e-6
# A frame shown twice, or two swapped frames, are not worth a note.
_STEP_BACK = 0.5
# Uneven frames are resampled at a rate that keeps each of them, if it is no higher than this.
_MAX_RESAMPLED_FPS = 61.0
_MAX_GROWTH = 4.0


@dataclass(frozen=True, eq=False)
class FrameTimes:
    """The times of the frames of a video.

    Args:
        seconds: (N,) when each frame is shown, ascending from 0.
        fps: Frames per second: the video's own rate if it is steady, else the rate at which it should be
            resampled. 0 if unknown.
        steady: Whether frame n is shown at n / fps, up to a tenth of a second.
    """

    seconds: np.ndarray
    fps: float
    steady: bool = True

    @property
    def num_steady(self) -> int:
        """Frames at a constant rate from the first frame to the last."""
        return len(self.seconds) if self.steady or not len(self.seconds) else int(self.slots[-1]) + 1

    @property
    def note(self) -> str:
        """What a user should know about uneven frames; empty if they are steady."""
        if self.steady:
            return ''
        return (
            f'its {len(self.seconds)} frames are at uneven times, {self.seconds[-1]:.2f} s in all; '
            f'they are resampled to {self.fps:.4g} frames per second'
        )

    @property
    def slots(self) -> np.ndarray:
        """(N,) int, number of each frame at the constant rate; numbers repeat where frames are denser."""
        if self.steady:
            return np.arange(len(self.seconds))
        return np.round(self.seconds * self.fps).astype(np.int64)


def time_frames(seconds: Sequence[float] | np.ndarray, rates: Sequence[float]) -> FrameTimes:
    """Find the frame rate.

    Args:
        seconds: (N,) when each frame is shown, ascending.
        rates: Candidate rates, those given in the file.

    Returns:
        The times from 0. The rate is one of ``rates``, or the mean rate, at which no frame is more than a
        tenth of a second from its time; if there are several, the one nearest to the usual step. If there is
        none, the frames are uneven, and the rate is the highest of ``rates`` that is not many times the mean
        rate, so that no frame is lost, or else the mean.
    """
    seconds = np.asarray(seconds, np.float64)
    rates = [float(rate) for rate in rates if rate and MIN_FPS <= rate <= MAX_FPS]
    seconds = seconds - seconds[0] if len(seconds) else seconds
    if len(seconds) < 2 or seconds[-1] <= 0:
        return FrameTimes(seconds, rates[0] if rates else 0.0)
    mean = (len(seconds) - 1) / seconds[-1]
    usual = 1 / max(float(np.median(np.diff(seconds))), 1 / MAX_FPS)
    for rate in (*sorted(rates, key=lambda rate: abs(rate - usual)), mean):
        if np.abs(seconds - np.arange(len(seconds)) / rate).max() <= _TOLERANCE:
            return FrameTimes(seconds, rate)
    most = min(_MAX_RESAMPLED_FPS, _MAX_GROWTH * mean)
    denser = [rate for rate in rates if mean * 0.999 < rate <= most]
    return FrameTimes(seconds, max(denser, default=min(mean, _MAX_RESAMPLED_FPS)), steady=False)


def mend_clock(seconds: Sequence[float] | np.ndarray) -> tuple[np.ndarray, str | None]:
    """Make times ascend without leaps.

    Args:
        seconds: (N,) when each frame is shown, in the order in which they are shown.

    Returns:
        The times, ascending, a leap back or beyond :data:`MAX_GAP` replaced by the median step; and what was
        wrong with them, None if it is not worth a note.
    """
    seconds = np.asarray(seconds, np.float64)
    steps = np.diff(seconds)
    leaps = (steps > MAX_GAP) | (steps < -_STEP_BACK)
    if not leaps.any():
        return np.sort(seconds), None
    usual = float(np.median(steps[~leaps])) if not leaps.all() else 0.04
    mended = seconds[0] + np.concatenate([[0.0], np.where(leaps, usual, steps).cumsum()])
    at, many = int(np.argmax(leaps)), f', the first of {leaps.sum()} leaps' if leaps.sum() > 1 else ''
    return np.sort(mended), (
        f'its clock leaps from {seconds[at]:.1f} to {seconds[at + 1]:.1f} s at frame {at + 1}{many} '
        f'(at most {MAX_GAP:.0f} s may lie between two frames)'
    )


def check_rate(fps: float) -> str | None:
    """What is wrong with a rate; None if nothing is, or it is unknown (0)."""
    if fps == 0 or MIN_FPS <= fps <= MAX_FPS:
        return None
    return f'expected {MIN_FPS:g} to {MAX_FPS:g} frames per second, found {fps:.4g}'
