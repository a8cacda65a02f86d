"""Which pose experts keep up with a stream on this machine, measured on its own first frames."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mmactrep.video.frame_sources import DEFAULT_FPS, FrameSource

from .streaming import ActionStream, StreamResult, StreamStats

#: Frames of the source on which candidates are timed; the first is not counted, models are loaded on it.
TRIAL_FRAMES = 11
#: Seconds after which the trial of a slow candidate ends early.
TRIAL_SECONDS = 3.0
#: A stream falls behind if it drops a larger share of at least this many frames.
MAX_DROPPED, MIN_READ = 0.1, 25

Clock = Callable[[], float]


@dataclass(frozen=True, eq=False)
class ExpertChoice:
    """The experts chosen for a stream.

    Args:
        experts: Names of the chosen experts.
        estimator: Their ``PoseEstimator``, loaded.
        fps: Frames per second of the candidates tried, by the candidate's names, the best first.
        rate: Frames per second of the source.
        assumed: Whether the source does not state its rate.
    """

    experts: tuple[str, ...]
    estimator: Any
    fps: dict[tuple[str, ...], float]
    rate: float
    assumed: bool = False

    @property
    def keeps_up(self) -> bool:
        """Whether the chosen experts process all frames of the source."""
        return self.fps.get(self.experts, np.inf) >= self.rate

    def __str__(self) -> str:
        chosen = ' + '.join(self.experts)
        if not self.fps:
            return f'experts: {chosen}; the source has no frame to time them on'
        # rounded down: 24.9 of 25 must not read as 25 of 25
        tried = [f'{" + ".join(names)}: {_floor(fps)}' for names, fps in self.fps.items()]
        stated = f'{self.rate:.4g}' + (' (assumed, the source states no rate)' if self.assumed else '')
        verdict = 'the first that keeps up' if self.keeps_up else 'the fastest, and still too slow'
        return f'experts: {chosen}, {verdict}; of {stated} frames a second: {"; ".join(tried)}'


def choose_experts(
    source: FrameSource,
    candidates: Sequence[Sequence[str]],
    build: Callable[[Sequence[str]], Any],
    open_stream: Callable[[Any], ActionStream],
    work: Callable[[StreamResult], Any] | None = None,
    clock: Clock = time.perf_counter,
) -> tuple[ExpertChoice, FrameSource]:
    """Choose the first candidate that processes the frames of a source as fast as they come.

    Each is timed with all the work of the stream on the first frames of the source: experts, aggregation,
    recognition and ``work``, but not decoding, which runs in a thread. The search ends at the first that
    keeps up; if none does, the fastest is chosen.

    Args:
        source: The opened source.
        candidates: Names of experts, from the best to the fastest.
        build: Builds the estimator of a candidate.
        open_stream: Opens a stream with an estimator.
        work: What else is done with each result, such as drawing it.
        clock: Seconds, from any beginning.

    Returns:
        The choice; and the source, which still gives all its frames.

    Raises:
        UnknownExpertError, ExpertUnavailableError: As ``build_experts``.
        ValueError: If there is no candidate.
    """
    if not candidates:
        raise ValueError('there is no candidate')
    frames, source = peek(source, TRIAL_FRAMES)
    stated = source.fps or source.rate
    rate = stated or DEFAULT_FPS
    tried: dict[tuple[str, ...], float] = {}
    built: dict[tuple[str, ...], Any] = {}
    for candidate in map(tuple, candidates):
        built[candidate] = build(candidate)
        if not frames:
            break
        stream = open_stream(built[candidate])
        tried[candidate] = time_stream(stream, frames, work, clock)
        if tried[candidate] >= rate:
            break
    chosen = max(tried, key=tried.__getitem__) if tried else next(iter(built))
    for candidate, estimator in built.items():
        if candidate != chosen:
            estimator.close()
    return ExpertChoice(chosen, built[chosen], tried, rate, assumed=not stated), source


def time_stream(
    stream: ActionStream,
    frames: Sequence[np.ndarray],
    work: Callable[[StreamResult], Any] | None = None,
    clock: Clock = time.perf_counter,
) -> float:
    """Frames per second of a stream on frames in memory, after the first.

    Args:
        stream: The stream, with nothing loaded yet.
        frames: At least one picture. Of fewer than :data:`TRIAL_FRAMES`, the last is repeated.
        work: Called with every result; its time counts.
        clock: Seconds, from any beginning.
    """
    missing = max(0, TRIAL_FRAMES - len(frames))
    stream.drop, dropped = False, stream.drop
    begin, seconds, count = None, 0.0, 0
    run = stream.run([*frames, *[frames[-1]] * missing])
    try:
        for result in run:
            if work is not None:
                work(result)
            now = clock()
            begin = now if begin is None else begin
            seconds, count = now - begin, count + 1
            if count > 1 and seconds > TRIAL_SECONDS:
                break
    finally:
        run.close()
        stream.drop = dropped
    return (count - 1) / seconds if seconds > 0 else np.inf


def peek(source: FrameSource, count: int) -> tuple[list[np.ndarray], FrameSource]:
    """The first frames of a source, and the source as if they had not been read.

    An error of the source among these frames is raised in its place when they are read again.
    """
    frames = iter(source.frames)
    first: list[np.ndarray] = []
    problem: Exception | None = None
    try:
        while len(first) < count and (frame := next(frames, None)) is not None:
            first.append(frame)
    except Exception as error:
        problem = error

    def again(waiting: deque[np.ndarray]) -> Iterator[np.ndarray]:
        try:
            while waiting:
                yield waiting.popleft()
            if problem is not None:
                raise problem
            yield from frames
        finally:
            source.close()

    return first, replace(source, frames=again(deque(first)))


class FallingBehind:
    """Notices once that a stream falls behind its source."""

    def __init__(self, hint: str = '') -> None:
        self._hint = hint
        self._said = False

    def note(self, stats: StreamStats) -> str | None:
        """The warning, the first time that more than :data:`MAX_DROPPED` of the frames are dropped."""
        if self._said or stats.read < MIN_READ or stats.dropped <= MAX_DROPPED * stats.read:
            return None
        self._said = True
        arriving = stats.read / stats.seconds if stats.seconds > 0 else 0.0
        return (
            f'the experts fall behind: {stats.fps:.1f} of {arriving:.1f} frames a second, '
            f'{stats.dropped} of {stats.read} frames dropped{self._hint}'
        )


def _floor(fps: float) -> str:
    if not np.isfinite(fps):
        return 'any'
    return f'{np.floor(fps):.0f}' if fps >= 10 else f'{np.floor(10 * fps) / 10:.1f}'
