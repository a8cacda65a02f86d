"""The opened files of a feature store: mapped, and checked as far as possible in milliseconds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from . import feature_format as ffmt
from . import format as fmt
from .contents import ClipIds, find_id, load_array


@dataclass(frozen=True, eq=False)
class FeatureContents:
    """The contents of a feature store's folder.

    Args:
        root: The folder.
        description: Content of ``store.json``.
        features: (rows, D) float16, mapped.
        names: (clips,) names in UTF-8, in their byte order, mapped.
        entries: (clips,) of ``ENTRY_DTYPE``: first row, number of rows and category of each clip, mapped.
    """

    root: Path
    description: dict
    features: np.ndarray
    names: np.ndarray
    entries: np.ndarray

    @classmethod
    def open(cls, root: Path) -> FeatureContents:
        """Open a store.

        Raises:
            StoreError: If there is no finished store, or its files are truncated, foreign or do not belong
                together.
        """
        description = ffmt.read_feature_description(root)
        clips, shape = description['num_clips'], (description['num_rows'], description['dimension'])
        features = load_array(root / ffmt.FEATURE_FILE, shape, ffmt.FEATURE_DTYPE)
        names = load_array(root / ffmt.ID_FILE, (clips,))
        if names.dtype.kind != 'S':
            raise fmt.StoreError(f'{root / ffmt.ID_FILE}: expected names of clips, found {names.dtype}')
        entries = load_array(root / ffmt.ENTRY_FILE, (clips,), ffmt.ENTRY_DTYPE)
        # as plain arrays: an element of numpy's memmap takes several times as long
        plain = (array.view(np.ndarray) for array in (features, names, entries))
        contents = cls(root, description, *plain)
        problem = contents.find_outside()
        if problem:
            raise fmt.StoreError(f'{root / ffmt.ENTRY_FILE}: {problem}')
        return contents

    @cached_property
    def ids(self) -> ClipIds:
        """Names of the clips, decoded on demand."""
        return ClipIds(self.names, self.root / ffmt.ID_FILE)

    def find(self, clip_id: str) -> int | None:
        """Place of a clip by bisection on disk; None if it has no entry."""
        return find_id(self.names, clip_id)

    def find_outside(self) -> str | None:
        """The first entry that points outside the features or the categories; None if there is none."""
        rows, categories = len(self.features), len(self.description['categories'])
        start, count, category = (self.entries[name] for name in ('start', 'count', 'category'))
        # each entry for itself only if one is at fault: a few milliseconds for a million clips
        within = start.min() >= 0 and count.min() >= 1 and (start + count).max() <= rows
        if within and category.min() >= ffmt.NO_CATEGORY and category.max() < categories:
            return None
        bad = (start < 0) | (count < 1) | (start > rows - count)
        bad |= (category < ffmt.NO_CATEGORY) | (category >= categories)
        entry = int(np.argmax(bad))
        return (
            f"clip '{self.shown_name(entry)}' has {count[entry]} features from row {start[entry]} on of "
            f'category {category[entry]}; there are {rows} features and {categories} categories'
        )

    def shown_name(self, entry: int) -> str:
        """Name of a clip for messages, also if it is not text."""
        return self.names[entry].decode(errors='backslashreplace')
