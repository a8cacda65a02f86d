"""The trainings of a run: which start and length each part takes, then the trainings themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from tqdm import tqdm

from .clip_store import ALL
from .processes import in_processes
from .report_data import CurvePoint
from .settings import TeachSettings
from .splits import Part, length_part
from .starts import choose_start, start_path
from .training import TrainingJob, TrainingResult, run_job

#: The training of the model that is kept.
FINAL = 'final'
#: Most parts whose trainings are repeated with fewer clips.
CURVE_PARTS = 2


@dataclass
class Trained:
    """Results of all trainings.

    Args:
        parts: Of each part, the training and its result.
        final: Of the model that is kept.
        curve: Points of the learning curve.
        starts: Accuracy of each start on all clips.
        lengths: Mean accuracy on the validation parts by number of steps.
    """

    parts: list[tuple[TrainingJob, TrainingResult]] = field(default_factory=list)
    final: tuple[TrainingJob, TrainingResult] | None = None
    curve: list[CurvePoint] = field(default_factory=list)
    starts: dict[str, float] = field(default_factory=dict)
    lengths: dict[str, float] = field(default_factory=dict)


def train_all(
    settings: TeachSettings,
    parts: Sequence[Part],
    labels: np.ndarray,
    groups: np.ndarray,
    features: Mapping[str, np.ndarray],
    lengths: Mapping[str, Part],
) -> Trained:
    """Choose, train and test.

    Start and length of a part are chosen on its training clips alone, those of the final model on its own:
    all clips, or with one part that part's training clips.

    Args:
        settings: What was asked for.
        parts: The parts.
        labels: (n,) of all clips.
        groups: (n,) names of groups that stay together.
        features: Of each start, (n, C').
        lengths: Of :func:`length_parts`.
    """
    trained = Trained()
    jobs = []
    for part in parts:
        train = part.train
        start, _ = choose_start(
            {k: v[train] for k, v in features.items()}, labels[train], groups[train], settings.seed
        )
        jobs.append(_job(settings, part.name, f'{part.name}_train', f'{part.name}_test', start))
    best, trained.starts = choose_start(features, labels, groups, settings.seed)
    alone = len(parts) == 1
    if not alone:
        jobs.append(_job(settings, FINAL, ALL, ALL, best))
    jobs = _with_lengths(settings, jobs, lengths, trained)
    jobs[-1] = replace(jobs[-1], keep=True)
    curve = [
        replace(each, name=f'{each.name}_share{round(100 * share)}', share=share, keep=False)
        for share in settings.curve
        for each in jobs[: min(len(parts), CURVE_PARTS)]
    ]
    results = _run(settings, [*jobs, *curve], 'trainings')
    trained.parts = list(zip(jobs, results))[: len(parts)]
    trained.final = jobs[-1], results[len(jobs) - 1]
    trained.curve = _curve(settings.curve, trained.parts[:CURVE_PARTS], results[len(jobs) :])
    return trained


def length_parts(
    settings: TeachSettings, parts: Sequence[Part], labels: np.ndarray, groups: np.ndarray
) -> dict[str, Part]:
    """Of each training, by its name, the division of its clips on which its length is chosen.

    Args:
        settings: What was asked for; with one length there is nothing to choose.
        parts: The parts.
        labels: (n,) of all clips.
        groups: (n,) names of groups that stay together.
    """
    if len(settings.steps) == 1:
        return {}
    everything = np.arange(len(labels))
    final = [] if len(parts) == 1 else [Part(FINAL, everything, everything)]
    found = {each.name: length_part(each, labels, groups, settings.seed) for each in [*parts, *final]}
    return {name: each for name, each in found.items() if each is not None}


def _job(settings: TeachSettings, name: str, train: str, test: str, start: str) -> TrainingJob:
    path = start_path(start)
    return TrainingJob(
        name,
        str(settings.store),
        train,
        test,
        settings.steps[0],
        settings.rate,
        '' if path is None else str(path),
        seed=settings.seed,
        overlays=tuple(settings.overlays),
    )


def _with_lengths(
    settings: TeachSettings, jobs: Sequence[TrainingJob], lengths: Mapping[str, Part], trained: Trained
) -> list[TrainingJob]:
    """The trainings with the length that is best on a held-out part of their training clips.

    A longer training is taken only if it is better: of equal ones, and where none is judged, the shortest is.
    """
    judged = [each for each in jobs if each.name in lengths]
    trials = [
        replace(
            each, name=f'{each.name}_steps{steps}', steps=steps,
            train=f'{lengths[each.name].name}_train', test=f'{lengths[each.name].name}_test',
        )
        for each in judged
        for steps in settings.steps
    ]  # fmt: skip
    if not trials:
        return list(jobs)
    accuracies = np.array([result.accuracy for result in _run(settings, trials, 'lengths')])
    accuracies = accuracies.reshape(len(judged), len(settings.steps))
    trained.lengths = {
        str(steps): float(value) for steps, value in zip(settings.steps, accuracies.mean(axis=0))
    }
    best = {each.name: settings.steps[int(own.argmax())] for each, own in zip(judged, accuracies)}
    return [replace(each, steps=best.get(each.name, each.steps)) for each in jobs]


def _run(settings: TeachSettings, jobs: Sequence[TrainingJob], what: str) -> list[TrainingResult]:
    found: list = [None] * len(jobs)
    items = [(each, settings.runs) for each in jobs]
    running = in_processes(run_job, items, settings.processes, settings.out / 'trainings.log')
    for number, result in tqdm(running, what, len(jobs), unit='run', disable=not settings.progress):
        found[number] = result
    return found


def _curve(
    shares: Sequence[float],
    whole: Sequence[tuple[TrainingJob, TrainingResult]],
    found: Sequence[TrainingResult],
) -> list[CurvePoint]:
    full = [result for _, result in whole]
    rows = [found[place : place + len(full)] for place in range(0, len(found), len(full))] if full else []
    points = []
    for share, results in [*zip(shares, rows), (1.0, full)]:
        right = sum(int((each.probabilities.argmax(axis=1) == each.labels).sum()) for each in results)
        count = float(np.mean([len(each.train_labels) for each in results]))
        points.append(CurvePoint(share, count, right, sum(len(each.labels) for each in results)))
    return points
