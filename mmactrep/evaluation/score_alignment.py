"""Score files of the same clips, brought into one order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from mmactrep.errors import UserError

from .functional import name_clips

if TYPE_CHECKING:
    from .metrics.score_dump import ScoreTable


class ScoreFilesError(UserError, ValueError):
    """Score files that do not fit each other; the message names the files and the clips."""


def align_scores(tables: Mapping[str, ScoreTable]) -> dict[str, ScoreTable]:
    """Bring all tables into the order of the first.

    Args:
        tables: Scores by file name.

    Raises:
        ScoreFilesError: If clips, labels or classes differ; the message names the files and the clips.
    """
    (first_name, first), *others = tables.items()
    aligned = {first_name: first}
    for name, table in others:
        where = f'{first_name} and {name}'
        _check_classes(first, table, where)
        lacking = [
            f'only {owner} has {name_clips(alone, ids)}'
            for owner, ids, other in ((first_name, first.ids, table.ids), (name, table.ids, first.ids))
            if (alone := ~np.isin(ids, other)).any()
        ]
        if lacking:
            raise ScoreFilesError(f'{where} hold different clips: {"; ".join(lacking)}')
        rows = np.argsort(table.ids)[np.argsort(np.argsort(first.ids))]
        table = table.take(rows)
        differs = table.labels != first.labels
        if differs.any():
            raise ScoreFilesError(f'{where} differ in the label of {name_clips(differs, first.ids)}')
        aligned[name] = table
    return aligned


def _check_classes(first: ScoreTable, table: ScoreTable, where: str) -> None:
    if len(first.classes) != len(table.classes):
        raise ScoreFilesError(
            f'{where} differ in the number of classes: {len(first.classes)} and {len(table.classes)}'
        )
    differs = np.flatnonzero(first.classes != table.classes)
    if first.has_class_names and table.has_class_names and len(differs):
        i = differs[0]
        raise ScoreFilesError(
            f'{where} differ in {len(differs)} class names, first class {i}: '
            f"'{first.classes[i]}' and '{table.classes[i]}'"
        )
