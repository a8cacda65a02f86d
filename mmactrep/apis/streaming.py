"""Recognition while a camera, a stream or a file plays."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from mmactrep.pose.tracking.tracks import fill_gaps
from mmactrep.structures import get_layout
from mmactrep.structures.poses import PoseTrack, TrackedPose
from mmactrep.structures.recognition import judge, top_classes
from mmactrep.video.frame_reader import FrameReader
from mmactrep.video.frame_sources import FrameSource, StreamError, open_frames

from .recognizer import ActionRecognizer
from .windows import PersonGroup, score_windows


@dataclass(frozen=True, eq=False)
class StreamResult:
    """The state after a frame has been processed.

    Args:
        frame: Number of the frame in the source; dropped frames leave gaps.
        image: (H, W, 3) uint8, RGB.
        persons: Persons in the frame.
        scores: The last prediction for each, by track: (class, probability), the best first; before them, of
            a motion of no class, (what is said of it, share of held-out clips that fit better).
        latency: Seconds since the frame was read.
        predicted: Whether this frame led to a new prediction.
    """

    frame: int
    image: np.ndarray
    persons: list[TrackedPose]
    scores: dict[int, list[tuple[str, float]]]
    latency: float
    predicted: bool


@dataclass
class StreamStats:
    """Counts and times of a stream; latencies are those of the last thousand frames.

    Attributes:
        read: Frames read from the source.
        processed: Frames processed.
        dropped: Frames dropped because they were late.
        seconds: Time from the first frame processed to the end of the last.
    """

    read: int = 0
    processed: int = 0
    dropped: int = 0
    seconds: float = 0.0
    latencies: deque = field(default_factory=lambda: deque(maxlen=1000))

    @property
    def fps(self) -> float:
        """Frames processed per second."""
        return self.processed / self.seconds if self.seconds > 0 else 0.0

    def latency(self, percentile: float = 50.0) -> float:
        """Percentile of the latencies, in seconds."""
        return float(np.percentile(self.latencies, percentile)) if self.latencies else 0.0

    def __str__(self) -> str:
        return (
            f'{self.processed} of {self.read} frames, {self.dropped} dropped, {self.fps:.1f} frames/s, '
            f'latency {self.latency(50) * 1e3:.0f} ms (median), {self.latency(95) * 1e3:.0f} ms (95 %)'
        )


class ActionStream:
    """Skeletons and actions of a live source.

    A thread reads frames; late frames are dropped so that processing does not fall behind. Each track has a
    sliding window over the time of the source. Dropped frames are interpolated, so they do not make a motion
    faster.

    >>> stream = ActionStream(recognizer, estimator)    # doctest: +SKIP
    >>> for result in stream.run(0):                      # doctest: +SKIP
    ...     print(result.frame, result.scores)
    >>> print(stream.stats)                               # doctest: +SKIP

    Args:
        recognizer: The recognizer.
        estimator: A ``PoseEstimator``.
        window: Frames of the source in a window.
        every: Frames of the source between predictions.
        min_frames: Frames in which a person must be seen before the first prediction.
        queue_size: Most frames waiting to be processed.
        top_k: Number of classes listed.
        drop: Drop late frames. If False, a source that can wait is processed frame by frame.

    Attributes:
        stats: Counts and times of the current or last run.
    """

    def __init__(
        self,
        recognizer: ActionRecognizer,
        estimator: Any,
        window: int = 64,
        every: int = 8,
        min_frames: int = 8,
        queue_size: int = 2,
        top_k: int = 5,
        drop: bool = True,
    ) -> None:
        for name, value in dict(window=window, every=every, min_frames=min_frames).items():
            if value < 1:
                raise ValueError(f'{name} must be at least 1, got {value}')
        self.recognizer = recognizer
        self.estimator = estimator
        self.layout = get_layout(estimator.layout)
        self.window = window
        self.every = every
        self.min_frames = min_frames
        self.queue_size = queue_size
        self.top_k = top_k
        self.drop = drop
        self.stats = StreamStats()
        self._windows: dict[int, deque[TrackedPose]] = {}
        self._stopped = False

    def __repr__(self) -> str:
        return (
            f'{type(self).__name__}({self.recognizer!r}, windows of {self.window} frames, a prediction every '
            f'{self.every})'
        )

    def run(
        self, source: str | int | Path | FrameSource | Iterable[np.ndarray], fps: float | None = None
    ) -> Iterator[StreamResult]:
        """Process a source until it ends or :meth:`stop` is called.

        Args:
            source: A camera number, an address, a file (played at its own speed), one that was opened before
                (``open_frames``), or frames (H, W, 3) uint8 RGB.
            fps: Speed at which a file or frames are played. Default: the file's own; frames as they arrive.

        Yields:
            A :class:`StreamResult` for every frame that was not dropped.

        Raises:
            FileNotFoundError, InferenceError: If the source cannot be opened.
            StreamError: If the source breaks off, after the frames read before have been yielded.
        """
        name, frames, fps = open_source(source, fps)
        self.stats = StreamStats()
        self._windows, scores, last = {}, {}, None
        self._stopped = False
        frames = self._warm_up(name, iter(frames))
        self.estimator.start(name)
        with FrameReader(frames, fps, self.queue_size, self.drop) as reader:
            begin = None
            for frame in reader:
                begin = time.monotonic() if begin is None else begin
                persons = self.estimator.update([frame.image], frame.number)[0]
                self._remember(persons, frame.number)
                due = last is None or frame.number - last >= self.every
                found = self._predict(persons, frame.image.shape[:2]) if due else {}
                if found:
                    last = frame.number
                scores = {track: value for track, value in scores.items() if track in self._windows} | found
                now = time.monotonic()
                self._count(reader, now - begin, now - frame.captured)
                seen = {person.track: scores[person.track] for person in persons if person.track in scores}
                yield StreamResult(
                    frame.number, frame.image, persons, seen, now - frame.captured, bool(found)
                )
                if self._stopped:
                    break
        self.stats.read, self.stats.dropped = reader.num_read, reader.num_dropped

    def _warm_up(self, name: str | None, frames: Iterator[np.ndarray]) -> Iterator[np.ndarray]:
        """Process the first frame once before the clock starts, as models are loaded on first use.

        Returns:
            All frames, including the first.
        """
        try:
            first = next(frames, None)
        except Exception as error:
            raise StreamError(f'the source broke off before its first frame: {error}') from error
        if first is None:
            return frames
        self.estimator.start(name)
        self.estimator.update([first], 0)
        joints, channels = self.recognizer.layout.num_joints, self.recognizer.num_channels
        body = np.random.default_rng(0).uniform(1, 99, (1, self.window, joints, channels))
        self.recognizer([dict(keypoint=body, img_shape=first.shape[:2])])
        return _with_first(first, frames)

    def stop(self) -> None:
        """End the run after the current frame."""
        self._stopped = True

    def _count(self, reader: FrameReader, seconds: float, latency: float) -> None:
        self.stats.read, self.stats.dropped = reader.num_read, reader.num_dropped
        self.stats.processed += 1
        self.stats.seconds = seconds
        self.stats.latencies.append(latency)

    def _remember(self, persons: list[TrackedPose], frame: int) -> None:
        """Add the poses of a frame to the windows, and drop poses that have left them."""
        for person in persons:
            self._windows.setdefault(person.track, deque()).append(person)
        for track, poses in list(self._windows.items()):
            while poses and poses[0].frame <= frame - self.window:
                poses.popleft()
            if not poses:
                del self._windows[track]

    def _predict(
        self, persons: list[TrackedPose], img_shape: tuple[int, int]
    ) -> dict[int, list[tuple[str, float]]]:
        """Predictions for the persons in the current frame, by track."""
        ready = [self._windows[p.track] for p in persons if len(self._windows[p.track]) >= self.min_frames]
        # Dropped frames leave gaps between poses; unfilled, the motion would look jerky.
        tracks = [fill_gaps(poses_to_track(poses), self.window) for poses in ready]
        if not tracks:
            return {}
        together = self.recognizer.together
        groups = (
            [PersonGroup.together(tracks, self.recognizer.num_person)]
            if together
            else [PersonGroup.alone(track) for track in tracks]
        )
        windows = score_windows(self.recognizer, groups, self.layout, img_shape, min_frames=self.min_frames)
        windows = windows * len(tracks) if together else windows
        classes, rejection = self.recognizer.classes, self.recognizer.rejection
        return {
            track.track: judge(found, rejection, len(classes)).rows(
                *top_classes(found[0].scores, classes, self.top_k)
            )
            for track, found in zip(tracks, windows)
            if found
        }


def _with_first(first: np.ndarray, frames: Iterator[np.ndarray]) -> Iterator[np.ndarray]:
    """Like ``itertools.chain``, but closing it closes ``frames`` too."""
    yield first
    yield from frames


def poses_to_track(poses: Iterable[TrackedPose]) -> PoseTrack:
    """Poses of one person, in order, as a track; frames without a pose are missing."""
    poses = list(poses)
    start, end = poses[0].frame, poses[-1].frame + 1
    rows = [pose.frame - start for pose in poses]
    keypoint = np.zeros((end - start, *poses[0].keypoint.shape), np.float32)
    score = np.zeros(keypoint.shape[:-1], np.float32)
    confidence = np.zeros(end - start, np.float32)
    keypoint[rows] = [pose.keypoint for pose in poses]
    score[rows] = [pose.score for pose in poses]
    confidence[rows] = [pose.confidence for pose in poses]
    votes = np.zeros(end - start, np.int16)
    votes[rows] = [pose.votes for pose in poses]
    return PoseTrack(poses[0].track, start, keypoint, score, confidence, votes)


def open_source(
    source: str | int | Path | FrameSource | Iterable[np.ndarray], fps: float | None = None
) -> tuple[str | None, Iterable[np.ndarray], float | None]:
    """Name, frames and speed of a source; see :meth:`ActionStream.run`.

    Raises:
        FileNotFoundError, InferenceError, VideoError: If it cannot be opened.
    """
    if not isinstance(source, (str, int, Path, FrameSource)):
        return None, source, fps
    opened = source if isinstance(source, FrameSource) else open_frames(source)
    name = None if opened is source else str(source)
    return name, opened.frames, opened.fps if fps is None else fps
