"""What was recognized in an input: the form that inferencers return and drawing accepts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .poses import PoseTrack
from .rejection import Rejection
from .skeleton_layout import SkeletonLayout

_TIMES = ('start_time', 'end_time')


@dataclass(frozen=True, eq=False)
class ActionWindow:
    """The class probabilities of a stretch of frames.

    Args:
        start: First frame of the window in its video.
        end: Frame after the last one.
        seen: Frames of the window in which somebody was seen.
        scores: (K,) class probabilities.
        known: How well the motion fits a class, see :mod:`.rejection`; NaN if the model has no calibration.
    """

    start: int
    end: int
    seen: int
    scores: np.ndarray
    known: float = float('nan')

    def to_dict(self, fps: float = 0.0) -> dict[str, Any]:
        """Plain containers and arrays; ``start_time`` and ``end_time`` in seconds, None without a rate."""
        times = dict(start_time=self.start / fps, end_time=self.end / fps) if fps else dict.fromkeys(_TIMES)
        return dict(start=self.start, end=self.end, seen=self.seen, class_scores=self.scores, **times)

    def __repr__(self) -> str:
        best = int(self.scores.argmax())
        return f'ActionWindow(frames {self.start} to {self.end - 1}: class {best} {self.scores[best]:.0%})'


@dataclass(frozen=True)
class Verdict:
    """Whether a motion is one of the classes at all.

    Args:
        unknown: Whether it is none of them.
        doubt: Share of the held-out clips of the classes that fit them better, in [0, 1]; NaN if the model
            has no calibration.
        text: What is said of it if it is none: 'none of the 15 sports'.
    """

    unknown: bool = False
    doubt: float = float('nan')
    text: str = ''

    def rows(self, labels: Sequence[str], scores: Sequence[float]) -> list[tuple[str, float]]:
        """Lines for tables and pictures: the classes, below what is said if it is none of them."""
        said = [(self.text, self.doubt)] if self.unknown else []
        return [*said, *zip(labels, scores)]

    def to_dict(self) -> dict[str, Any]:
        """Plain data; None where the model has no calibration."""
        if np.isnan(self.doubt):
            return dict(unknown=None, doubt=None, verdict=None)
        return dict(unknown=self.unknown, doubt=self.doubt, verdict=self.text if self.unknown else None)


#: Of a model without a calibration.
NO_VERDICT = Verdict()


def judge(windows: Sequence[ActionWindow], rejection: Rejection | None, num_classes: int) -> Verdict:
    """The verdict on windows: by the mean of how well they fit, weighted by the frames seen."""
    if rejection is None or not windows:
        return NO_VERDICT
    known = float(np.average([window.known for window in windows], weights=[max(1, w.seen) for w in windows]))
    return Verdict(known < rejection.threshold, rejection.doubt(known), rejection.verdict(num_classes))


@dataclass(frozen=True, eq=False)
class PersonActions:
    """A person over time, and what they do.

    Args:
        track: The person.
        windows: Windows in which the person was recognized alone, by time; none if all persons were together.
        class_scores: (K,) mean over the windows; zeros without any.
        labels: Top classes, best first; none without a window.
        scores: Their probabilities.
        verdict: Whether it is one of the classes at all.
    """

    track: PoseTrack
    windows: list[ActionWindow]
    class_scores: np.ndarray
    labels: list[str]
    scores: list[float]
    verdict: Verdict = NO_VERDICT

    def __repr__(self) -> str:
        track = self.track
        frames = f'frames {track.start} to {track.end - 1}'
        return (
            f'PersonActions(person {track.track}, {frames}: {_best(self.labels, self.scores, self.verdict)})'
        )

    def to_dict(self, fps: float = 0.0) -> dict[str, Any]:
        """Plain containers and arrays; ``track`` is the number of the track, times are seconds."""
        track = self.track
        times = (track.start / fps, track.end / fps) if fps else (None, None)
        return dict(
            track=track.track,
            start=track.start,
            end=track.end,
            **dict(zip(_TIMES, times)),
            keypoint=track.keypoint,
            keypoint_score=track.score,
            confidence=track.confidence,
            votes=track.votes,
            windows=[window.to_dict(fps) for window in self.windows],
            labels=self.labels,
            scores=self.scores,
            class_scores=self.class_scores,
            **self.verdict.to_dict(),
        )


@dataclass(frozen=True, eq=False)
class RecognitionResult:
    """The persons of an input and their actions.

    ``result['labels']`` etc. read from :meth:`to_dict`, for callers that expect a dictionary.

    Args:
        name: Name of the input.
        layout: Layout of the joints.
        img_shape: (H, W) of the image to which the coordinates refer.
        num_frames: Frames of the input.
        classes: (K,) class names.
        persons: Most important first.
        windows: Windows in which all persons were recognized together.
        class_scores: (K,) of the whole input, the mean over all windows weighted by the frames seen.
        labels: Top classes of the whole input, best first.
        scores: Their probabilities.
        fps: Frames per second; 0 where unknown.
        num_experts: Pose experts that were aggregated; 0 for poses that were given.
        seconds: Time spent on each stage.
        expert_seconds: Time spent on each expert.
        notes: What a user should know about the input, one sentence each.
        verdict: Whether the whole input is one of the classes at all.
        rejection: The calibration of the model, if it has one.
    """

    name: str
    layout: SkeletonLayout
    img_shape: tuple[int, int]
    num_frames: int
    classes: list[str]
    persons: list[PersonActions]
    windows: list[ActionWindow]
    class_scores: np.ndarray
    labels: list[str]
    scores: list[float]
    fps: float = 0.0
    num_experts: int = 0
    seconds: dict[str, float] = field(default_factory=dict)
    expert_seconds: dict[str, float] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    verdict: Verdict = NO_VERDICT
    rejection: Rejection | None = None

    @property
    def timings(self) -> dict[str, dict[str, float]]:
        """``seconds`` and ``fps``, frames per second, for each stage."""
        return self._speeds(self.seconds)

    @property
    def expert_timings(self) -> dict[str, dict[str, float]]:
        """The same for each expert."""
        return self._speeds(self.expert_seconds)

    def _speeds(self, seconds: dict[str, float]) -> dict[str, dict[str, float]]:
        return {
            stage: dict(seconds=spent, fps=self.num_frames / max(spent, 1e-9))
            for stage, spent in seconds.items()
        }

    def to_dict(self) -> dict[str, Any]:
        """Plain containers and arrays; ``tracks`` are the persons, ``layout`` is the layout's name."""
        return dict(
            input=self.name,
            layout=self.layout.name,
            img_shape=self.img_shape,
            num_frames=self.num_frames,
            fps=self.fps,
            duration=self.num_frames / self.fps if self.fps else None,
            classes=self.classes,
            labels=self.labels,
            scores=self.scores,
            class_scores=self.class_scores,
            tracks=[person.to_dict(self.fps) for person in self.persons],
            windows=[window.to_dict(self.fps) for window in self.windows],
            num_experts=self.num_experts,
            timings=self.timings,
            expert_timings=self.expert_timings,
            notes=self.notes,
            **self.verdict.to_dict(),
        )

    def __repr__(self) -> str:
        persons = f'{len(self.persons)} person{"s" * (len(self.persons) != 1)}'
        rate = f' of {self.fps:.4g}/s' if self.fps else ''
        said = _best(self.labels, self.scores, self.verdict)
        return f'RecognitionResult({self.name!r}: {persons}, {self.num_frames} frames{rate}, {said})'

    def __getitem__(self, key: str) -> Any:
        return self.to_dict()[key]


def _best(labels: Sequence[str], scores: Sequence[float], verdict: Verdict) -> str:
    if verdict.unknown:
        return verdict.text
    return f'{labels[0]} {scores[0]:.0%}' if labels else 'nothing recognized'


def top_classes(scores: np.ndarray, classes: Sequence[str], count: int) -> tuple[list[str], list[float]]:
    """Names and probabilities of the classes with the highest scores (K,); none where all are 0."""
    if not scores.any():
        return [], []
    order = np.argsort(-scores, kind='stable')[:count]
    return [classes[k] for k in order], [float(scores[k]) for k in order]


def mean_scores(windows: Sequence[ActionWindow], num_classes: int) -> np.ndarray:
    """Mean probabilities (K,) of windows, each weighted by the frames seen in it; zeros without any."""
    if not windows:
        return np.zeros(num_classes, np.float32)
    weights = np.asarray([window.seen for window in windows], np.float64)
    scores = np.stack([window.scores for window in windows])
    return (weights @ scores / weights.sum()).astype(np.float32)


def scores_over_time(windows: Sequence[ActionWindow], frames: np.ndarray) -> np.ndarray:
    """Class scores in every frame: linear between the middles of the windows, constant outside.

    Args:
        windows: By time; at least one.
        frames: (T,) frame numbers.

    Returns:
        (T, K) float32.
    """
    middles = np.asarray([(window.start + window.end - 1) / 2 for window in windows])
    scores = np.stack([window.scores for window in windows])
    if len(middles) == 1:
        return np.repeat(scores, len(frames), axis=0).astype(np.float32)
    place = np.clip(frames, middles[0], middles[-1])
    after = np.clip(np.searchsorted(middles, place), 1, len(middles) - 1)
    share = (place - middles[after - 1]) / np.maximum(middles[after] - middles[after - 1], 1e-9)
    share = share[:, None]
    return ((1 - share) * scores[after - 1] + share * scores[after]).astype(np.float32)
