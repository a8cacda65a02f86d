"""Which clips are for training and which for the test: pure functions on labels and groups."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .settings import FEW_CLIPS, FOLDS, TeachError

#: Share of the clips that is tested where there are many, and none are given.
TEST_SHARE = 4


@dataclass(frozen=True, eq=False)
class Part:
    """A training and its test.

    Args:
        name: For files and tables.
        train: Rows of the training clips.
        test: Rows of the test clips.
    """

    name: str
    train: np.ndarray
    test: np.ndarray


def groups_of(ids: Sequence[str], pattern: str) -> np.ndarray:
    """(n,) what a regular expression finds in each name: its first group, or the whole match.

    Raises:
        TeachError: If it is not valid, or a name does not match.
    """
    try:
        found = [re.search(pattern, name) for name in ids]
    except re.error as error:
        raise TeachError(f'{pattern!r:.80} is no regular expression: {error}') from error
    if not all(found):
        raise TeachError(f"clip '{ids[found.index(None)]}' does not match {pattern!r:.80}")
    return np.array([match[1] if match.re.groups else match[0] for match in found])


def divide(
    labels: np.ndarray,
    groups: np.ndarray,
    folds: int | None = None,
    seed: int = 0,
    fold_of: np.ndarray | None = None,
    classes: Sequence[str] = (),
) -> list[Part]:
    """The parts in which clips are tested that come without a split.

    With few clips every one is tested once, by k folds; with many, a quarter is. Groups are never divided,
    and the classes are spread evenly.

    Args:
        labels: (n,) classes.
        groups: (n,) names of groups.
        folds: Number of folds; 1 for a single test part. Default: by the number of clips.
        seed: Seed.
        fold_of: (n,) names of folds, which then are those.
        classes: Their names, for messages.

    Raises:
        TeachError: If a class is in one group only, or there are fewer than two folds.
    """
    labels = np.asarray(labels)
    if fold_of is not None:
        names = sorted(np.unique(fold_of), key=_natural)
        if len(names) < 2:
            raise TeachError(f'all clips are in one fold, {names[0]!r}: there is nothing to test on')
        return [_part(str(name), fold_of == name) for name in names]
    rarest = min(len(np.unique(groups[labels == label])) for label in np.unique(labels))
    if rarest < 2:
        label = int(next(k for k in np.unique(labels) if len(np.unique(groups[labels == k])) < 2))
        name = repr(classes[label]) if len(classes) else label
        raise TeachError(
            f'all clips of class {name} come from one video or group: none can be kept for the test'
        )
    if folds is None:
        folds = FOLDS if len(labels) <= FEW_CLIPS else 1
    count = min(TEST_SHARE if folds == 1 else folds, rarest)
    fold = stratified_folds(labels, groups, count, seed)
    if folds == 1:
        return [_part('test', fold == 0)]
    return [_part(f'fold{number + 1}', fold == number) for number in range(count)]


def length_part(
    part: Part, labels: np.ndarray, groups: np.ndarray, seed: int = 0, share: int = TEST_SHARE
) -> Part | None:
    """A division of a part's training clips, on which the length of its training is judged.

    Groups are never divided. Held-out clips of a class that has no others are left out: they judge nothing.

    Args:
        part: The part.
        labels: (n,) classes of all clips.
        groups: (n,) names of groups.
        seed: Seed.
        share: One clip of so many is held out, or fewer where a class has few groups.

    Returns:
        The division, or None if no class has two groups.
    """
    rows, own, group = part.train, labels[part.train], groups[part.train]
    count_of = {label: len(np.unique(group[own == label])) for label in np.unique(own)}
    several = np.isin(own, [label for label, count in count_of.items() if count > 1])
    if not several.any():
        return None
    count = min(share, min(count for count in count_of.values() if count > 1))
    fold = stratified_folds(own[several], group[several], count, seed)
    found = []
    for number in range(count):
        inside = np.isin(group, group[several][fold == number])
        judged = inside & np.isin(own, own[~inside])
        if judged.any() and len(np.unique(own[~inside])) > 1:
            found.append(Part(f'{part.name}_length', rows[~inside], rows[judged]))
    return max(found, key=lambda each: len(np.unique(labels[each.test])), default=None)


def stratified_folds(labels: np.ndarray, groups: np.ndarray, count: int, seed: int = 0) -> np.ndarray:
    """(n,) number of the fold of each clip, from 0 on."""
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

    alone = len(np.unique(groups)) == len(groups)
    kind = StratifiedKFold if alone else StratifiedGroupKFold
    fold = np.zeros(len(labels), np.int64)
    parts = kind(count, shuffle=True, random_state=seed).split(labels, labels, None if alone else groups)
    for number, (_, rows) in enumerate(parts):
        fold[rows] = number
    return fold


def _natural(name: str) -> list[tuple[int, str]]:
    """Sorts 10 behind 9."""
    return [(int(part), '') if part.isdecimal() else (-1, part) for part in re.split(r'(\d+)', str(name))]


def _part(name: str, tested: np.ndarray) -> Part:
    return Part(re.sub(r'[^\w.-]', '_', name), np.flatnonzero(~tested), np.flatnonzero(tested))


def check_parts(parts: Sequence[Part], labels: np.ndarray, classes: Sequence[str]) -> None:
    """Refuse a test of classes without a training clip.

    Raises:
        TeachError: With part and class.
    """
    for part in parts:
        if not len(part.test) or not len(part.train):
            raise TeachError(
                f"part '{part.name}' has {len(part.train)} clips to train on, {len(part.test)} to test"
            )
        lacking = sorted(set(labels[part.test].tolist()) - set(labels[part.train].tolist()))
        if lacking:
            names = ', '.join(classes[k] for k in lacking)
            raise TeachError(
                f"part '{part.name}' tests {names}, of which there is no training clip: choose "
                'other folds, or add clips'
            )
