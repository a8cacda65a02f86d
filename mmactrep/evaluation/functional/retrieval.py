"""Recall of retrieval, as functions on arrays."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def recall_at(
    similarities: np.ndarray, relevant: np.ndarray, ks: Sequence[int] = (1, 5, 10)
) -> dict[int, float]:
    """Share of queries that have something relevant among their k best.

    Of equal similarities the one with the lower index comes first.

    Args:
        similarities: (Q, G) of queries and what is searched.
        relevant: (Q, G) booleans, one or more in each row.
        ks: Numbers of results.

    Returns:
        The recall in [0, 1] by k.

    Raises:
        ValueError: If shapes do not fit, a similarity is not finite, a query has nothing relevant, or a k is
            below 1.
    """
    similarities, relevant = np.asarray(similarities), np.asarray(relevant)
    if similarities.ndim != 2 or 0 in similarities.shape or not np.isfinite(similarities).all():
        raise ValueError(f'expected finite similarities (Q, G), found {similarities.shape}')
    _check_relevant(relevant, similarities.shape, ks)
    # the best of what is relevant decides; its place is the number of entries before it
    best = np.where(relevant, similarities, -np.inf).argmax(axis=1)[:, None]
    own = np.take_along_axis(similarities, best, axis=1)
    tied_before = (similarities == own) & (np.arange(similarities.shape[1]) < best)
    place = ((similarities > own) | tied_before).sum(axis=1)
    return {k: float((place < k).mean()) for k in ks}


def chance_recall(relevant: np.ndarray, ks: Sequence[int] = (1, 5, 10)) -> dict[int, float]:
    """Recall that is expected of results drawn at random: the mean of 1 - C(G - r, k) / C(G, k).

    Args:
        relevant: (Q, G) booleans; r of a query are relevant.
        ks: Numbers of results.

    Raises:
        ValueError: As :func:`recall_at`.
    """
    relevant = np.asarray(relevant)
    _check_relevant(relevant, relevant.shape, ks)
    gallery, counts = relevant.shape[1], relevant.sum(axis=1)
    found = {}
    for k in ks:
        drawn = np.arange(min(k, gallery))
        missed = np.clip(gallery - counts[:, None] - drawn, 0, None) / (gallery - drawn)
        found[k] = float(1 - missed.prod(axis=1).mean())
    return found


def _check_relevant(relevant: np.ndarray, shape: tuple[int, ...], ks: Sequence[int]) -> None:
    if relevant.dtype != bool or relevant.shape != shape or relevant.ndim != 2:
        raise ValueError(
            f'expected booleans {shape} of what is relevant, found {relevant.dtype} {relevant.shape}'
        )
    without = np.flatnonzero(~relevant.any(axis=1))
    if len(without):
        raise ValueError(f'{len(without)} queries have nothing relevant, the first is {without[0]}')
    if min(ks, default=0) < 1:
        raise ValueError(f'k of recall must be at least 1, got {list(ks)}')
