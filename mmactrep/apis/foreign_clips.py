"""Clips of none of a model's classes: how many of them it takes for one of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from mmactrep.errors import UserError
from mmactrep.evaluation.functional.intervals import wilson_interval
from mmactrep.evaluation.functional.rejection import auroc, false_alarms
from mmactrep.store.reader import SkeletonStore
from mmactrep.structures.rejection import Rejection

from .recognizer import ActionRecognizer


class ForeignClipsError(UserError, ValueError):
    """A store whose clips cannot be judged as clips of no class; the message says why."""


@dataclass(frozen=True, eq=False)
class ForeignClips:
    """The clips of a store that are of none of a model's classes.

    Args:
        store: The store.
        rows: (n,) rows of the clips.
        left_out: Clips that were left out, by the name of their class.
    """

    store: SkeletonStore
    rows: np.ndarray
    left_out: dict[str, int]

    def drawn(self, most: int | None, seed: int = 0) -> ForeignClips:
        """At most so many of the clips, drawn at random; all without a number."""
        order = np.random.default_rng(seed).permutation(self.rows)
        return self if most is None else replace(self, rows=np.sort(order[:most]))

    @property
    def clips(self) -> list[dict]:
        """Annotation dictionaries of the clips."""
        return [self.store[int(row)] for row in self.rows]

    @property
    def names(self) -> list[str]:
        """Class that the store gives each clip."""
        labels = np.asarray(self.store.labels)[self.rows]
        return [self.store.classes[label] if label >= 0 else 'no class' for label in labels]


@dataclass(frozen=True, eq=False)
class JudgedClips:
    """Clips of none of the classes, judged by a model's rejection.

    Args:
        store: Folder of the store.
        scores: (n,) how well each fits a class.
        threshold: From which score on a clip is taken for one of a class.
        auroc: Probability that a clip of the classes fits better than one of these.
        names: (n,) class that the store gives each.
        taken_for: (n,) class of the model that is most probable for each.
        left_out: Clips of the store that were left out, by the name of their class.
    """

    store: str
    scores: np.ndarray
    threshold: float
    auroc: float
    names: list[str]
    taken_for: list[str]
    left_out: dict[str, int]

    @property
    def count(self) -> int:
        """Clips."""
        return len(self.scores)

    @cached_property
    def accepted(self) -> np.ndarray:
        """(n,) which of them are taken for one of a class."""
        return np.asarray(self.scores) >= self.threshold

    @property
    def false_alarms(self) -> float:
        """Share of them that is taken for one of a class."""
        return false_alarms(self.scores, self.threshold)

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval of the share."""
        return wilson_interval(int(self.accepted.sum()), self.count)

    def by_class(self) -> list[tuple[str, int, int, str]]:
        """(class in the store, clips, accepted, for what most of these are taken), most accepted first."""
        found = []
        for name, count in Counter(self.names).items():
            taken = Counter(
                taken for own, taken, wrong in zip(self.names, self.taken_for, self.accepted)
                if wrong and own == name
            )  # fmt: skip
            most = taken.most_common(1)[0][0] if taken else ''
            found.append((name, count, sum(taken.values()), most))
        return sorted(found, key=lambda row: (-row[2] / row[1], row[0]))

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return dict(
            store=self.store,
            clips=self.count,
            accepted=int(self.accepted.sum()),
            false_alarms=self.false_alarms,
            interval=list(self.interval),
            threshold=self.threshold,
            auroc=self.auroc,
            classes=[
                dict(name=name, clips=clips, accepted=wrong, taken_for=most or None)
                for name, clips, wrong, most in self.by_class()
            ],
            left_out=self.left_out,
        )


def foreign_clips(
    recognizer: ActionRecognizer,
    roots: Sequence[str | Path],
    leave_out: Sequence[str] = (),
    leave_out_known: bool = False,
) -> list[ForeignClips]:
    """The clips of stores that are of none of a model's classes. Names are compared without regard to case,
    spaces, hyphens and underscores.

    Args:
        recognizer: The model.
        roots: The stores.
        leave_out: Names of further classes of the stores to leave out: what a model knows by another name.
        leave_out_known: Leave out the clips of classes that the model knows.

    Raises:
        StoreError: If one cannot be read.
        ForeignClipsError: If one has clips of the model's classes, unless they are left out; if a class to
            leave out is in none; if nothing is left; if its skeletons are not such as the model takes.
    """
    stores = [SkeletonStore(root) for root in roots]
    classes = list(dict.fromkeys(name for store in stores for name in store.classes))
    if absent := [name for name in leave_out if name not in classes]:
        raise ForeignClipsError(
            f"there is no class '{absent[0][:80]}' to leave out; the stores have: {_list(classes)}"
        )
    for store in stores:
        _check_skeletons(recognizer, store)
    return [_foreign_of(recognizer, store, leave_out, leave_out_known) for store in stores]


def _check_skeletons(recognizer: ActionRecognizer, store: SkeletonStore) -> None:
    if store.num_channels != recognizer.num_channels:
        raise ForeignClipsError(
            f'{store.root}: the model takes {recognizer.num_channels}D skeletons, these are '
            f'{store.num_channels}D'
        )
    if store.layout != recognizer.layout:
        try:
            store.layout.mapping_to(recognizer.layout)
        except ValueError as error:
            raise ForeignClipsError(f'{store.root}: {error}') from error


def _foreign_of(
    recognizer: ActionRecognizer, store: SkeletonStore, leave_out: Sequence[str], leave_out_known: bool
) -> ForeignClips:
    known = {_plain(name) for name in recognizer.classes}
    labels = np.asarray(store.labels)
    used = [name for label, name in enumerate(store.classes) if (labels == label).any()]
    shared = [name for name in used if _plain(name) in known and name not in leave_out]
    if shared and not leave_out_known:
        raise ForeignClipsError(
            f'{store.root}: the model knows {_list(shared)}, and should not reject clips of these; '
            '--leave-out-known leaves them out'
        )
    out = [label for label, name in enumerate(store.classes) if name in {*shared, *leave_out}]
    rows = np.flatnonzero(~np.isin(labels, out))
    if not len(rows):
        raise ForeignClipsError(f'{store.root}: no clip is left that is of none of the classes')
    left_out = {store.classes[label]: int((labels == label).sum()) for label in out}
    return ForeignClips(store, rows, left_out)


def judge_clips(
    recognizer: ActionRecognizer,
    rejection: Rejection,
    clips: ForeignClips,
    keep: float | None = None,
    known: np.ndarray | None = None,
) -> JudgedClips:
    """How many clips of none of the classes a model takes for one of them.

    Args:
        recognizer: The model.
        rejection: Its rejection.
        clips: The clips.
        keep: Judge at the threshold that keeps this share of the held-out clips of the calibration. Default:
            the rejection's own threshold.
        known: (m,) scores of clips of the classes, for AUROC. Default: the held-out clips of the calibration,
            of which the rejection has the quantiles. AUROC is then the mean, over the foreign clips, of the
            share of held-out clips that fit better.

    Raises:
        ForeignClipsError: If the rejection has no quantiles, where they are needed.
    """
    threshold = threshold_at(rejection, keep)
    if known is None:
        _require_quantiles(rejection)
    probabilities, logits, features = recognizer.outputs(clips.clips)
    scores = rejection.scores(logits, features)
    return JudgedClips(
        str(clips.store.root),
        scores,
        threshold,
        float(np.mean([rejection.doubt(each) for each in scores])) if known is None else auroc(known, scores),
        clips.names,
        [recognizer.classes[row] for row in probabilities.argmax(axis=1)],
        clips.left_out,
    )


def threshold_at(rejection: Rejection, keep: float | None = None) -> float:
    """The score that keeps a share of the held-out clips of the classes; without one, the rejection's own."""
    if keep is None:
        return rejection.threshold
    _require_quantiles(rejection)
    return float(np.quantile(rejection.quantiles, 1 - keep))


def _require_quantiles(rejection: Rejection) -> None:
    if not len(rejection.quantiles):
        raise ForeignClipsError(
            'the calibration has no quantiles of held-out clips: calibrate the model anew'
        )


def _plain(name: str) -> str:
    return ' '.join(name.casefold().replace('_', ' ').replace('-', ' ').split())


def _list(names: Sequence[str], most: int = 20) -> str:
    shown = ', '.join(names[:most])
    return f'{shown} and {len(names) - most} more' if len(names) > most else shown
