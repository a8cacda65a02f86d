"""Calibrating the rejection of a recognizer on the data of its config and on motions of no class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from mmactrep.engine.composed_config import compose_config
from mmactrep.engine.holdout import training_clips_as_tested
from mmactrep.evaluation.functional.rejection import (
    auroc,
    calibrate_rejection,
    false_alarms,
    fit_class_distances,
    fit_density,
    scale_of,
)
from mmactrep.registry import DATASETS
from mmactrep.structures.rejection import KINDS, PARTS, Rejection, known_scores

from .foreign_clips import ForeignClips
from .recognizer import ActionRecognizer
from .unknown_motions import UnknownMotions, unknown_motions


@dataclass(frozen=True, eq=False)
class Calibration:
    """A calibrated rejection and what it was calibrated with.

    Args:
        rejection: The rejection.
        recognizer: The recognizer.
        known_scores: (n,) scores of the test clips that set nothing.
        aurocs: AUROC of every kind of score, on clips and motions that chose nothing.
    """

    rejection: Rejection
    recognizer: ActionRecognizer
    known_scores: np.ndarray
    aurocs: Mapping[str, float]


def calibrate_checkpoint(
    config: str | Path,
    checkpoint: str | Path,
    noun: str = 'classes',
    kept: float = 0.95,
    motions: int = 600,
    most_clips: int = 2000,
    seed: int = 0,
    others: Sequence[ForeignClips] = (),
) -> Calibration:
    """Calibrate the rejection of a checkpoint.

    Args:
        config: Config of the recognizer, whose training data give the classes' features and whose test data
            the held-out clips: every other one sets the threshold, the rest is measured.
        checkpoint: The checkpoint.
        noun: What the classes are.
        kept: Share of the held-out clips that is kept.
        motions: Number of procedural motions.
        most_clips: Most clips of each split.
        seed: Seed.
        others: Clips of no class in place of procedural motions; the classes of their stores are the kinds.
    """
    recognizer = ActionRecognizer(config, checkpoint)
    recognizer.rejection = None
    cfg = compose_config(config)
    test = cfg.test_dataloader.dataset
    rng = np.random.default_rng(seed)
    train = _outputs(
        recognizer, training_clips_as_tested(cfg.train_dataloader.dataset, test), most_clips, rng
    )
    held = _outputs(recognizer, test, most_clips, rng)
    unknown = (
        UnknownMotions(
            [clip for each in others for clip in each.clips],
            np.array([name for each in others for name in each.names]),
        )
        if others
        else unknown_motions(recognizer.classes, recognizer.layout, motions, 64, recognizer.num_person, seed)
    )
    _, logits, features = recognizer.outputs(unknown.clips)
    classes = len(recognizer.classes)
    sets, judges = np.arange(len(held.labels)) % 2 == 0, np.arange(len(held.labels)) % 2 == 1
    distances = fit_class_distances(train.features, train.labels, classes)
    density = fit_density(train.features, train.labels)
    common = (
        held.logits[sets],
        held.labels[sets],
        logits,
        held.features[sets],
        features,
        distances,
        unknown.kinds,
    )
    rejection = calibrate_rejection(*common, kept=kept, noun=noun, density=density)
    # half of the kinds chose the score; these did not
    free = np.unique(unknown.kinds, return_inverse=True)[1] % 2 == 1
    fits = (rejection.temperature, distances, density)
    scales = {
        part: scale_of(known_scores(part, held.logits[sets], held.features[sets], *fits))
        for parts in PARTS.values()
        for part in parts
    }
    aurocs = {}
    for kind in KINDS:
        known, others = (
            known_scores(kind, *each, *fits, scales)
            for each in ((held.logits[judges], held.features[judges]), (logits[free], features[free]))
        )
        aurocs[kind] = auroc(known, others)
        if kind == rejection.kind:
            measured, wrong = known, false_alarms(others, rejection.threshold)
    figures = dict(
        auroc=aurocs[rejection.kind],
        false_alarms=wrong,
        kept=float((measured >= rejection.threshold).mean()),
        known=len(measured),
        unknown=int(free.sum()),
    )
    return Calibration(replace(rejection, figures=figures), recognizer, measured, aurocs)


@dataclass(frozen=True, eq=False)
class _Outputs:
    labels: np.ndarray
    logits: np.ndarray
    features: np.ndarray


def _outputs(recognizer: ActionRecognizer, config: Any, most: int, rng: np.random.Generator) -> _Outputs:
    """Outputs for clips of a data set, drawn at random."""
    dataset = DATASETS.build(dict(config, pipeline=[]))
    rows = np.sort(rng.permutation(len(dataset))[:most])
    clips = [dataset.get_data_info(int(row)) for row in rows]
    _, logits, features = recognizer.outputs(clips)
    return _Outputs(np.array([clip['label'] for clip in clips]), logits, features)
