"""Reading a whole feature store to find out whether it is intact."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from . import feature_format as ffmt
from . import format as fmt
from .feature_contents import FeatureContents
from .verification import checksum_problems, id_problems

_CHUNK_ROWS = 1 << 16


def find_problems(store: FeatureContents, checksums: bool = True) -> list[str]:
    """List what is wrong with a store, in plain sentences that name the file and the clip.

    Args:
        store: The store.
        checksums: Also compare the checksums of all files.
    """
    problems = [*_id_problems(store), *_row_problems(store)]
    if checksums:
        problems += checksum_problems(store.root, store.description)
    return problems


def _id_problems(store: FeatureContents) -> Iterator[str]:
    yield from id_problems(store.names, ffmt.ID_FILE)
    categories = store.description['categories']
    if len(set(categories)) != len(categories):
        yield f'{fmt.META_FILE}: categories repeat'


def _row_problems(store: FeatureContents) -> Iterator[str]:
    """Features that are not finite, one problem per chunk, and features that belong to no clip."""
    start, count = store.entries['start'], store.entries['count']
    for first in range(0, len(store.features), _CHUNK_ROWS):
        bad = ~np.isfinite(store.features[first : first + _CHUNK_ROWS]).all(axis=1)
        if bad.any():
            row = first + int(np.argmax(bad))
            owners = (start <= row) & (row < start + count)
            whose = f"clip '{store.shown_name(int(np.argmax(owners)))}'" if owners.any() else 'no clip'
            yield f'{ffmt.FEATURE_FILE}: row {row} of {whose} holds values that are not finite'
    steps = np.bincount(start, minlength=len(store.features) + 1)
    steps -= np.bincount(start + count, minlength=len(store.features) + 1)
    unused = np.cumsum(steps)[:-1] == 0
    if unused.any():
        yield f'{ffmt.FEATURE_FILE}: row {int(np.argmax(unused))} belongs to no clip'
