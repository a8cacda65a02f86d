"""The rejection of a taught model: from its held-out test clips and from motions of no class."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mmactrep.apis.recognizer import ActionRecognizer
from mmactrep.apis.unknown_motions import unknown_motions
from mmactrep.evaluation.functional.rejection import calibrate_rejection, fit_class_distances, fit_density
from mmactrep.structures.rejection import Rejection, known_scores

from .training import TrainingResult

#: Clips of no class, and their frames.
UNKNOWN_CLIPS, UNKNOWN_FRAMES = 240, 64


def calibrate(
    checkpoint: Path, final: TrainingResult, tested: Sequence[TrainingResult], noun: str, seed: int = 0
) -> Rejection:
    """Calibrate the rejection of a model.

    Held-out clips are those that each part tested, scored by the model of that part: distances are those to
    the features of its own training clips.

    Args:
        checkpoint: The model, without a calibration.
        final: Its training.
        tested: Trainings with held-out clips.
        noun: What the classes are.
        seed: Seed of the motions.
    """
    recognizer = ActionRecognizer(weights=checkpoint)
    classes = recognizer.classes
    motions = unknown_motions(
        classes, recognizer.layout, UNKNOWN_CLIPS, UNKNOWN_FRAMES, recognizer.num_person, seed
    )
    _, unknown_logits, unknown_features = recognizer.outputs(motions.clips)
    held: dict[str, list[np.ndarray]] = dict(distance=[], density=[])
    for each in tested:
        fits = _fits(each, len(classes))
        for kind, scores in held.items():
            scores.append(known_scores(kind, each.logits, each.features, **fits))
    return calibrate_rejection(
        np.concatenate([each.logits for each in tested]),
        np.concatenate([each.labels for each in tested]),
        unknown_logits,
        unknown_features=unknown_features,
        unknown_groups=motions.kinds,
        noun=noun,
        held_scores={kind: np.concatenate(scores) for kind, scores in held.items()},
        **_fits(final, len(classes)),
    )


def _fits(trained: TrainingResult, num_classes: int) -> dict[str, Any]:
    """What distance and density are measured by: the features of a training's own clips."""
    features, labels = trained.train_features, trained.train_labels
    return dict(
        distances=fit_class_distances(features, labels, num_classes), density=fit_density(features, labels)
    )
