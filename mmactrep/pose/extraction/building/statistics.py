"""What is in a data set, and what was left out: the numbers of its report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from mmactrep.store.reader import SkeletonStore

from .outcomes import REASONS, Outcome, count_outcomes

#: Examples that are kept of each reason why rows have no clip.
EXAMPLES = 5


@dataclass
class DatasetStatistics:
    """Numbers of a data set.

    Args:
        classes: Class names.
        counts: Rows by reason; those with a clip under ``''``.
        class_counts: Split, and ``''`` for all, to (classes,) numbers of clips.
        left_out: (classes, reasons) rows of each class without a clip, reasons in the order of ``REASONS``.
        dropped_labels: Labels that the mapping drops, with their rows.
        unlabeled: Clips without a class.
        frames: (clips,) frames of each clip.
        seconds: (clips,) its length; NaN where the rate is unknown.
        persons: (clips,) its persons M.
        bodies: Frames in which 0, 1, 2, ... persons were seen, of all clips.
        share: (clips,) share of the frames in which one of the persons kept was seen.
        confidence: (clips,) mean of C (Eq. 3.4); NaN where no two experts saw the same person.
        score: (clips,) mean score of the joints seen.
        examples: Reason to the first few rows that have it.
        noted: Clips with something that the user should know.
        notes: The first few of these notes.
    """

    classes: list[str]
    counts: dict[str, int] = field(default_factory=dict)
    class_counts: dict[str, np.ndarray] = field(default_factory=dict)
    left_out: np.ndarray = field(default_factory=lambda: np.zeros((0, len(REASONS)), np.int64))
    dropped_labels: Counter[str] = field(default_factory=Counter)
    unlabeled: int = 0
    frames: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    seconds: np.ndarray = field(default_factory=lambda: np.zeros(0))
    persons: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    bodies: np.ndarray = field(default_factory=lambda: np.zeros(1, np.int64))
    share: np.ndarray = field(default_factory=lambda: np.zeros(0))
    confidence: np.ndarray = field(default_factory=lambda: np.zeros(0))
    score: np.ndarray = field(default_factory=lambda: np.zeros(0))
    examples: dict[str, list[str]] = field(default_factory=dict)
    noted: int = 0
    notes: list[str] = field(default_factory=list)


def dataset_statistics(store: SkeletonStore, outcomes: Iterable[Outcome]) -> DatasetStatistics:
    """Add up a store and the log of its rows; memory grows by some numbers a clip.

    Args:
        store: The 2D store.
        outcomes: What became of each row.
    """
    found = DatasetStatistics(store.classes, counts=count_outcomes(()))
    labels, fps = np.asarray(store.labels), np.asarray(store.index['fps'], np.float64)
    found.class_counts[''] = _count(labels, len(store.classes))
    for split in store.split_names:
        found.class_counts[split] = _count(labels[store.split(split)], len(store.classes))
    found.unlabeled = int((labels < 0).sum())
    found.frames = np.array(store.index['frames'], np.int64)
    found.persons = np.array(store.index['persons'], np.int64)
    found.seconds = np.divide(found.frames, fps, out=np.full(len(fps), np.nan), where=fps > 0)
    found.left_out = np.zeros((len(store.classes), len(REASONS)), np.int64)
    numbers = {name: number for number, name in enumerate(store.classes)}
    reasons = {reason: number for number, reason in enumerate(REASONS)}
    bodies: Counter[int] = Counter()
    measured = np.full((3, len(store)), np.nan)
    place = 0
    for outcome in outcomes:
        found.counts[outcome.reason] = found.counts.get(outcome.reason, 0) + 1
        if outcome.kept:
            values = (outcome.share, outcome.confidence, outcome.score)
            measured[:, place] = [np.nan if value is None else value for value in values]
            place += 1
            bodies.update(dict(enumerate(outcome.bodies)))
        elif outcome.reason == 'label':
            found.dropped_labels[outcome.label] += 1
        elif outcome.label in numbers and outcome.reason in reasons:
            found.left_out[numbers[outcome.label], reasons[outcome.reason]] += 1
        if outcome.reason:
            shown = found.examples.setdefault(outcome.reason, [])
            shown += [outcome.why] * (len(shown) < EXAMPLES)
        found.noted += bool(outcome.notes)
        if outcome.notes and len(found.notes) < EXAMPLES:
            found.notes.append(f'{outcome.name}: {"; ".join(outcome.notes)}')
    found.share, found.confidence, found.score = measured
    found.bodies = np.array([bodies[number] for number in range(max(bodies, default=0) + 1)], np.int64)
    return found


def _count(labels: np.ndarray, classes: int) -> np.ndarray:
    return np.bincount(labels[labels >= 0], minlength=classes)[:classes]
