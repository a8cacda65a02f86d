"""Which clips of a split are used, and how often: pure functions on labels."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

import numpy as np


def relabel(labels: np.ndarray, names: Sequence[str], wanted: Sequence[str]) -> np.ndarray:
    """Renumber labels by another list of classes.

    Args:
        labels: (n,) indices into ``names``, negative for none.
        names: All class names.
        wanted: The classes to keep, in the new order.

    Returns:
        (n,) indices into ``wanted``, -1 where the class is not wanted.

    Raises:
        ValueError: If a wanted class is not among the names, or wanted twice.
    """
    unknown = [name for name in wanted if name not in names]
    if unknown or len(set(wanted)) != len(wanted):
        raise ValueError(f'classes must be unique and among those of the store; unknown: {unknown}')
    table = np.full(len(names) + 1, -1, np.int64)  # its last entry is for label -1
    for new, name in enumerate(wanted):
        table[list(names).index(name)] = new
    return table[labels]


def relabel_in(labels: np.ndarray, names: Sequence[str], longer: Sequence[str]) -> np.ndarray:
    """Renumber labels by a list that holds all of their classes, and others.

    Args:
        labels: (n,) indices into ``names``, negative for none.
        names: Class names.
        longer: The list.

    Returns:
        (n,) indices into ``longer``.

    Raises:
        ValueError: If a class is not in the list, or in it twice.
    """
    absent = [name for name in names if name not in longer]
    if absent or len(set(longer)) != len(longer):
        raise ValueError(f'label_classes must be unique and hold all classes that are used; absent: {absent}')
    table = np.array([*(list(longer).index(name) for name in names), -1], np.int64)
    return table[labels]


def repeat_rare_classes(
    labels: np.ndarray, repeat_below: int, counted: np.ndarray | None = None
) -> np.ndarray:
    """Positions of the samples, with samples of rare classes repeated.

    A class of n < ``repeat_below`` samples appears round(``repeat_below`` / n) times.

    Args:
        labels: (n,) class indices, none negative.
        repeat_below: Count from which a class is common enough.
        counted: (m,) labels in which the classes are counted, negative for none. Default: ``labels``.

    Returns:
        Indices into ``labels``, in order, repetitions of a sample side by side.
    """
    if not len(labels):
        return np.empty(0, np.int64)
    counted = labels if counted is None else counted
    counts = np.bincount(counted[counted >= 0], minlength=int(labels.max()) + 1)
    rare = np.rint(repeat_below / np.maximum(counts, 1))
    times = np.where(counts < repeat_below, rare, 1).astype(np.int64)
    return np.repeat(np.arange(len(labels)), times[labels])


def sample_labelled_fraction(labels: np.ndarray, fraction: float, seed: int = 0) -> np.ndarray:
    """Positions of a stratified random subset: the share ``fraction`` of every class, at least one.

    The subset for a smaller fraction is contained in that for a larger one of the same seed.

    Args:
        labels: (n,) class indices.
        fraction: Share to keep, in (0, 1].
        seed: Seed of the draw.

    Raises:
        ValueError: If the fraction is outside (0, 1].
    """
    if not 0 < fraction <= 1:
        raise ValueError(f'labelled_fraction must be in (0, 1], got {fraction}')
    rng = np.random.default_rng(seed)
    rank = rng.permutation(len(labels))
    kept = []
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        count = max(1, round(fraction * len(members)))
        kept.append(members[np.argsort(rank[members])][:count])
    return np.sort(np.concatenate(kept)) if kept else np.empty(0, np.int64)


def hold_out(
    labels: np.ndarray, share: float, seed: int = 0, groups: Sequence[str] | None = None
) -> np.ndarray:
    """Which samples are held out of training, to choose settings on them.

    Without groups, the share of every class, at least one sample of a class with two or more, and never all.
    With groups, whole groups in random order until they have at least the share of the samples, never all
    groups: a subject or a motion is then on one side only.

    Args:
        labels: (n,) class indices; samples without a label are a class of their own.
        share: Share to hold out, in (0, 1).
        seed: Seed of the draw.
        groups: (n,) names of the groups.

    Returns:
        (n,) bool, True for the samples that are held out.

    Raises:
        ValueError: If the share is outside (0, 1), or nothing can be held out.
    """
    if not 0 < share < 1:
        raise ValueError(f'the share to hold out must be in (0, 1), got {share}')
    rng = np.random.default_rng([seed, 1])  # not the draw of the labelled fraction
    held = np.zeros(len(labels), bool)
    if groups is not None:
        names, members = np.unique(np.asarray(groups), return_inverse=True)
        for group in rng.permutation(len(names))[:-1]:
            held |= members == group
            if held.mean() >= share:
                break
    else:
        order = rng.permutation(len(labels))
        for label in np.unique(labels):
            members = order[np.asarray(labels)[order] == label]
            count = min(max(1, round(share * len(members))), len(members) - 1)
            held[members[:count]] = True
    if not held.any():
        raise ValueError(
            f'nothing can be held out of {len(labels)} samples in '
            + ('one group' if groups is not None else 'classes of one sample each')
        )
    return held


def checked_holdout(holdout: Mapping | None) -> dict | None:
    """The settings of a holdout with their defaults.

    Args:
        holdout: ``part``, the one to use (``'fit'`` or ``'held'``), ``share`` of the clips that are held
            out, ``seed``, and optionally ``groups``, a regular expression on the clip's id whose match
            names the group that stays together; None for none.

    Raises:
        ValueError: If a setting is missing or unknown.
    """
    if holdout is None:
        return None
    settings = dict(dict(seed=0, groups=None), **holdout)
    if set(settings) != {'part', 'share', 'seed', 'groups'} or settings['part'] not in ('fit', 'held'):
        raise ValueError(
            "holdout needs part ('fit' or 'held') and share, and takes seed and groups, found "
            f'{dict(holdout)}'
        )
    return settings


def used_part(labels: np.ndarray, ids: Iterable[str], holdout: Mapping | None) -> np.ndarray:
    """Mask (n,) of the clips in the part of a holdout that is used.

    Args:
        labels: (n,) class indices.
        ids: n names, read only if the holdout has groups.
        holdout: Of :func:`checked_holdout`.

    Raises:
        ValueError: If a clip has no group, or nothing can be held out.
    """
    if holdout is None:
        return np.ones(len(labels), bool)
    groups = None
    if holdout['groups'] is not None:
        ids = list(ids)
        found = [re.search(holdout['groups'], name) for name in ids]
        if not all(found):
            raise ValueError(
                f"clip '{ids[found.index(None)]}' has no group: its id does not match {holdout['groups']!r}"
            )
        groups = [match[0] for match in found]
    held = hold_out(labels, holdout['share'], holdout['seed'], groups)
    return held if holdout['part'] == 'held' else ~held
