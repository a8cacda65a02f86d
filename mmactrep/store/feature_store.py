"""Reading a store of teachers' features."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from mmactrep.structures.class_texts import words_of

from . import feature_format as ffmt
from . import format as fmt
from .contents import ClipIds
from .feature_contents import FeatureContents
from .feature_verification import find_problems


class FeatureStore:
    """Features of a frozen teacher by clip, memory-mapped: opening takes milliseconds whatever the size.

    It lies beside the skeleton store whose clips it names. A clip without a video or without a text has no
    entry. A clip with several sentences has several features; clips of one class may share theirs. A store
    that is pickled to another process is reopened there.

    >>> store = FeatureStore('data/mine_features/minilm_text')
    >>> store.features('clip_7').shape, store.category('clip_7')
    ((3, 384), 'wave')

    Args:
        root: Folder that a :class:`FeatureStoreWriter` finished.

    Attributes:
        teacher: Name of the teacher.
        kind: What it saw: 'text' or 'video'.
        dimension: Channels D of a feature.
        categories: Names of the classes that the texts speak of.
        attributes: What the store records about its origin.

    Raises:
        StoreError: If there is no such store, or its files are truncated, foreign or do not belong
            together. See :meth:`verify` for the contents.
    """

    def __init__(self, root: str | os.PathLike) -> None:
        self.root = Path(root)
        self._contents = FeatureContents.open(self.root)
        self.meta = self._contents.description
        self.teacher: str = self.meta['teacher']
        self.kind: str = self.meta['kind']
        self.dimension: int = self.meta['dimension']
        self.categories: list[str] = self.meta['categories']
        self.attributes: dict = self.meta['attributes']

    def __reduce__(self):
        return type(self), (self.root,)

    def __len__(self) -> int:
        return self.meta['num_clips']

    def __contains__(self, clip_id: str) -> bool:
        return self._contents.find(clip_id) is not None

    def __repr__(self) -> str:
        return (
            f'FeatureStore({str(self.root)!r}: {len(self)} clips, {self.kind}, teacher {self.teacher}, '
            f'{self.meta["num_rows"]} features of {self.dimension} channels, '
            f'{len(self.categories)} categories)'
        )

    @property
    def ids(self) -> ClipIds:
        """Clip ids in their byte order, decoded on demand."""
        return self._contents.ids

    def ids_as_written(self) -> Iterator[str]:
        """Clip ids in the order of their features."""
        for entry in np.argsort(self._contents.entries['start'], kind='stable').tolist():
            yield self.ids[entry]

    def features(self, clip_id: str) -> np.ndarray | None:
        """Features (n, D) float32 of a clip, n >= 1; None if it has no entry.

        Raises:
            BadClipError: If they are damaged.
        """
        entry = self._contents.find(clip_id)
        if entry is None:
            return None
        start, count, _ = self._contents.entries[entry].item()
        found = self._contents.features[start : start + count].astype(np.float32)
        if not np.isfinite(found).all():
            raise fmt.BadClipError(
                f"{self.root}: clip '{clip_id}' is damaged, its features are not finite; run mmactrep verify"
            )
        return found

    def first_features(self) -> np.ndarray:
        """The first feature of every clip, in the order of :attr:`ids`: (n, D) in half precision."""
        return self._contents.features[self._contents.entries['start']]

    def category(self, clip_id: str) -> str:
        """The class that a clip's text speaks of; empty if it is unknown or the clip has no entry."""
        entry = self._contents.find(clip_id)
        number = ffmt.NO_CATEGORY if entry is None else int(self._contents.entries['category'][entry])
        return '' if number == ffmt.NO_CATEGORY else self.categories[number]

    def category_code(self, clip_id: str) -> int:
        """Category of a clip's text as a number, see :func:`category_code`; -1 if the clip has no entry.

        Texts of unknown category are a category each: clips with the same text have the same number.
        """
        entry = self._contents.find(clip_id)
        if entry is None:
            return -1
        start, count, number = self._contents.entries[entry].item()
        if number != ffmt.NO_CATEGORY:
            return category_code(self.categories[number])
        return _number(b'text:' + self._contents.features[start : start + count].tobytes())

    def verify(self, checksums: bool = True) -> list[str]:
        """Read everything and list what is wrong; an empty list means the store is intact."""
        return find_problems(self._contents, checksums)


def category_code(category: str) -> int:
    """A category as a number of 63 bits, the same in every store and process.

    Spelling makes no difference: 'baseball_pitch' and 'Baseball pitch' are one category.
    """
    return _number(b'category:' + (words_of(category) or category).encode())


def _number(content: bytes) -> int:
    """A checksum of 63 bits."""
    return int.from_bytes(hashlib.blake2b(content, digest_size=8).digest(), 'little') >> 1
