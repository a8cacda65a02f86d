"""What a run found, as plain data: what the report shows and ``report.json`` holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from mmactrep.evaluation.functional.classification import confusion_matrix, per_class_accuracy
from mmactrep.evaluation.functional.intervals import wilson_interval


@dataclass(frozen=True)
class PartResult:
    """A training and its test.

    Args:
        name: Of the part.
        trained: Training clips.
        tested: Test clips.
        right: Test clips that were recognized.
        start: Weights it started from.
        steps: Length of its training.
        seconds: What it took.
    """

    name: str
    trained: int
    tested: int
    right: int
    start: str
    steps: int
    seconds: float = 0.0


@dataclass(frozen=True)
class CurvePoint:
    """Accuracy with a share of the training clips.

    Args:
        share: Of the training clips.
        trained: Training clips, a mean over the parts.
        right: Test clips that were recognized.
        tested: Test clips.
    """

    share: float
    trained: float
    right: int
    tested: int


@dataclass(frozen=True)
class WrongClip:
    """A test clip that was not recognized.

    Args:
        name: Id.
        label: Its class.
        predicted: The class that was predicted.
        score: Its probability.
        row: Its row among all clips.
    """

    name: str
    label: str
    predicted: str
    score: float
    row: int


@dataclass
class TeachReport:
    """What a run found.

    Args:
        title: Its title.
        classes: Class names.
        counts: Clips of each class.
        parts: The trainings and their tests.
        labels: (n,) class of each tested clip.
        predictions: (n,) predicted class.
        wrong: The clips that went wrong, the surest mistakes first.
        without_body: Clips without a body, with the reason.
        curve: Learning curve, the last point with all clips.
        starts: Accuracy of each start by a linear classifier on its features.
        lengths: Mean accuracy on the validation parts by number of steps.
        rejection: Figures of the rejection.
        verdict: What is said of a motion of no class.
        seconds: Time of each stage.
        settings: What was asked for, for the last table.
        notes: What the user should know, one sentence each.
    """

    title: str
    classes: list[str]
    counts: list[int]
    parts: list[PartResult]
    labels: list[int]
    predictions: list[int]
    wrong: list[WrongClip] = field(default_factory=list)
    without_body: list[tuple[str, str]] = field(default_factory=list)
    curve: list[CurvePoint] = field(default_factory=list)
    starts: dict[str, float] = field(default_factory=dict)
    lengths: dict[str, float] = field(default_factory=dict)
    rejection: dict[str, float] = field(default_factory=dict)
    verdict: str = ''
    seconds: dict[str, float] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def right(self) -> int:
        """Test clips that were recognized."""
        return int(np.sum(np.equal(self.labels, self.predictions)))

    @property
    def accuracy(self) -> float:
        """Share of the test clips that were recognized."""
        return self.right / len(self.labels)

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval of the accuracy."""
        return wilson_interval(self.right, len(self.labels))

    @property
    def spread(self) -> float | None:
        """Standard deviation of the accuracy over the parts; None with one part."""
        shares = [part.right / part.tested for part in self.parts]
        return float(np.std(shares, ddof=1)) if len(shares) > 1 else None

    @property
    def matrix(self) -> np.ndarray:
        """(K, K) confusion matrix, rows labels."""
        scores = np.eye(len(self.classes))[self.predictions]
        return confusion_matrix(scores, np.asarray(self.labels))

    @property
    def class_accuracy(self) -> np.ndarray:
        """(K,) accuracy of each class, NaN without test clips."""
        return per_class_accuracy(np.eye(len(self.classes))[self.predictions], np.asarray(self.labels))

    def to_dict(self) -> dict[str, Any]:
        """Plain data for ``report.json``."""
        return asdict(self) | dict(
            accuracy=self.accuracy,
            interval=list(self.interval),
            spread=self.spread,
            confusion=self.matrix.tolist(),
        )


def wrong_clips(
    names: Sequence[str],
    labels: np.ndarray,
    probabilities: np.ndarray,
    classes: Sequence[str],
    rows: dict[str, int],
) -> list[WrongClip]:
    """The clips that went wrong, the surest mistakes first.

    Args:
        names: (n,) of the tested clips.
        labels: (n,).
        probabilities: (n, K).
        classes: (K,) names.
        rows: Row of each name.
    """
    predicted = probabilities.argmax(axis=1)
    sure = probabilities[np.arange(len(labels)), predicted]
    return [
        WrongClip(names[i], classes[labels[i]], classes[predicted[i]], float(sure[i]), rows[names[i]])
        for i in np.argsort(-sure, kind='stable').tolist()
        if predicted[i] != labels[i]
    ]


def advice(report: TeachReport) -> str:
    """What more data would help most, in a sentence or two."""
    gains = []
    accuracies = report.class_accuracy
    known = [k for k in range(len(report.classes)) if np.isfinite(accuracies[k])]
    worst = sorted(known, key=lambda k: (accuracies[k], report.counts[k]))[:2]
    names = ' and '.join(f"'{report.classes[k]}'" for k in worst if accuracies[k] < 1)
    if names:
        gains.append(f'More clips of {names} would help most: there it is wrong most often.')
    if len(report.curve) > 1:
        before, last = report.curve[-2], report.curve[-1]
        wrong = before.tested - before.right + last.tested - last.right
        gain = last.right - before.right
        told = (
            f'With {last.trained:.0f} training clips in place of {before.trained:.0f}, {last.right} in place '
            f'of {before.right} of {last.tested} test clips were recognized: '
        )
        if gain <= 0:
            told += 'more clips of the same kind will hardly help; other persons, views or places may.'
        elif gain > np.sqrt(wrong):  # at most so many clips changed sides: a standard deviation
            told += 'more clips should raise it further.'
        else:
            told += 'too few to tell whether more clips help.'
        gains.append(told)
    return ' '.join(gains) or 'No test clip went wrong: test on clips of other persons, views and places.'
