"""How the clips of a run are divided: the given split, the folds that were asked for, or by video."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from mmactrep.pose.extraction.building.plan import Plan

from .clip_store import TeachClip
from .inputs import check_classes
from .settings import TeachError, TeachSettings
from .splits import Part, check_parts, divide, groups_of

#: Names of given splits that are tested.
TESTED = ('test', 'val')
TRAINED = 'train'


def planned_clips(plan: Plan) -> tuple[list[TeachClip], list[str]]:
    """The clips of a plan as they are divided, without poses, and their classes."""
    rows = [row for row in plan.rows if not row.problem and not row.dropped]
    classes = sorted({row.label for row in rows})
    none = np.zeros((1, 0, 0, 2), np.float32), np.zeros((1, 0, 0), np.float32), (0, 0), 0.0
    clips = [TeachClip(row.clip_id, classes.index(row.label), *none, row.video, row.splits) for row in rows]
    return clips, classes


def split_clips(
    settings: TeachSettings, clips: Sequence[TeachClip], classes: Sequence[str]
) -> tuple[list[Part], np.ndarray]:
    """The parts, and the groups (n,) that were kept together.

    Raises:
        TeachError: If a class has too few clips with a body, or the clips cannot be divided.
    """
    if not clips:
        raise TeachError(
            f'{settings.source}: nobody was found in any clip; is a whole person in view, at least a quarter '
            'of the height of the picture? Other experts: --experts, mmactrep experts'
        )
    labels = np.array([clip.label for clip in clips])
    counts = Counter(dict.fromkeys(classes, 0)) + Counter(classes[label] for label in labels)
    check_classes({name: counts[name] for name in classes}, settings.source, 'clips with a body')
    names = [clip.name for clip in clips]
    groups = (
        np.array([clip.video for clip in clips])
        if settings.groups is None
        else groups_of(names, settings.groups)
    )
    given = _given(clips) if settings.folds is None else None
    if given is not None:
        parts = [given]
    elif isinstance(settings.folds, str):
        parts = divide(labels, groups, fold_of=groups_of(names, settings.folds))
    else:
        parts = divide(labels, groups, settings.folds, settings.seed, classes=classes)
    check_parts(parts, labels, classes)
    return parts, groups


def unused_clips(parts: Sequence[Part], clips: Sequence[TeachClip]) -> list[str]:
    """Names of the clips that no part trains on or tests: a given split need not have all of them."""
    used = set(np.concatenate([np.concatenate([part.train, part.test]) for part in parts]).tolist())
    return [clip.name for row, clip in enumerate(clips) if row not in used]


def _given(clips: Sequence[TeachClip]) -> Part | None:
    """The split that the input gives: test clips, else those of val, and the training clips."""
    split = next((name for name in TESTED if any(name in clip.splits for clip in clips)), None)
    if split is None or not any(TRAINED in clip.splits for clip in clips):
        return None
    of = [clip.splits for clip in clips]
    train, test = (np.array([i for i, own in enumerate(of) if name in own], int) for name in (TRAINED, split))
    both = np.intersect1d(train, test)
    if len(both):
        raise TeachError(f"clip '{clips[both[0]].name}' is in split '{TRAINED}' and in '{split}'")
    return Part('given', train, test)
