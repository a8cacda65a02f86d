"""Writing a :class:`FeatureStore`, resumable after a kill."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping

import numpy as np

from mmactrep.files import shown

from . import feature_format as ffmt
from . import format as fmt
from .feature_store import FeatureStore
from .index import names_in_utf8
from .journal import Journal
from .store_writer import StoreWriter


def _rows_after(clip: dict, rows: int) -> int:
    start, count = clip['start'], clip['count']
    end = start + count
    if start < 0 or count < 1 or (end > rows and start != rows):
        raise ValueError(f'{count} rows from row {start} on, where {rows} are there')
    return max(rows, end)


class FeatureStoreWriter(StoreWriter):
    """Writes the features of clips into ``root + '.partial'`` and renames it to ``root`` when complete.

    A kill leaves what is complete, and the next writer continues there, see :class:`StoreWriter`.

    >>> with FeatureStoreWriter('data/mine_features/minilm_text', 'minilm', 'text', 384) as writer:
    ...     for clip_id, sentences, name in clips:
    ...         if clip_id not in writer:
    ...             writer.add(clip_id, teacher.encode(sentences).numpy(), name)
    ...     writer.finish()

    Args:
        root: Folder of the store.
        teacher: Name of the teacher.
        kind: What it saw: 'text' or 'video'.
        dimension: Channels D of a feature.
        attributes: Anything about the data's origin that JSON can represent.
        share: Clips with equal features share their rows, as all clips of a class share its sentences.
            Default: for texts.
        overwrite: Replace a finished feature store, once the new one is complete.

    Raises:
        FileExistsError: If ``root`` is a finished store and ``overwrite`` is off.
        StoreError: If another writer is working on the store, the unfinished store was begun with other
            settings or is damaged, or an argument cannot be written.
    """

    format = fmt.FEATURE_FORMAT
    journal = Journal(dict(id=str, start=int, count=int, category=str), _rows_after)

    def __init__(
        self,
        root: str | os.PathLike,
        teacher: str,
        kind: str,
        dimension: int,
        attributes: Mapping | None = None,
        share: bool | None = None,
        overwrite: bool = False,
    ) -> None:
        super().__init__(root)
        problem = ffmt.teacher_problem(teacher)
        if problem:
            raise fmt.StoreError(f'{self.root}: {problem}')
        if not ffmt.is_kind(kind):
            raise fmt.StoreError(f"{self.root}: expected the kind 'text' or 'video', found {shown(kind, 60)}")
        if not ffmt.is_dimension(dimension):
            raise fmt.StoreError(f'{self.root}: expected a number of channels, found {shown(dimension, 60)}')
        self.teacher = teacher
        self.kind = kind
        self.dimension = dimension
        self.attributes = dict(attributes or {})
        self.share = kind == 'text' if share is None else share
        self._begin(overwrite)
        self._starts: dict[bytes, int] = {}
        if self.share:
            spans = {(clip['start'], clip['count']) for clip in self._entries()}
            for start, count in sorted(spans):
                self._starts.setdefault(_digest(self._arrays[0].read_rows(start, count)), start)

    def add(self, clip_id: str, features: np.ndarray, category: str = '') -> None:
        """Append the features of a clip. They are checked completely before anything is written.

        Args:
            clip_id: Unique name, that of the clip in its skeleton store.
            features: (D,), or (n, D) for several sentences; rounded to half precision.
            category: The class that a text speaks of; empty if unknown.

        Raises:
            BadClipError: If anything does not fit. The store remains as it was.
            OSError: If it could not be written (disk full). The store remains as it was.
        """
        clip_id = self._check_new(clip_id)
        try:
            rows = _checked_features(features, self.dimension)
            if not isinstance(category, str) or not category.isprintable():
                raise ValueError(f'expected the name of a class, found {shown(category, 60)}')
        except ValueError as error:
            raise fmt.BadClipError(f"clip '{clip_id}': {error}") from error
        digest = _digest(rows) if self.share else b''
        start = self._starts.get(digest)
        known = start is not None
        clip = dict(
            id=clip_id, start=start if known else self._rows, count=len(rows), category=category.strip()
        )
        self._write(clip, [] if known else [rows])
        if self.share and not known:
            self._starts[digest] = clip['start']

    def _settings(self) -> dict:
        return dict(
            format=self.format,
            version=ffmt.VERSION,
            teacher=self.teacher,
            kind=self.kind,
            dimension=self.dimension,
            dtype=ffmt.FEATURE_DTYPE.name,
            attributes=self.attributes,
        )

    def _array_files(self) -> dict[str, tuple[tuple[int, ...], np.dtype]]:
        return {ffmt.FEATURE_FILE: ((self.dimension,), ffmt.FEATURE_DTYPE)}

    def _write_index(self) -> None:
        ids = names_in_utf8(self._clips)
        categories = sorted({clip['category'] for clip in self._entries()} - {''})
        numbers = {name: number for number, name in enumerate(categories)} | {'': ffmt.NO_CATEGORY}
        entries = np.zeros(len(ids), ffmt.ENTRY_DTYPE)
        for row, clip in enumerate(self._entries()):
            entries[row] = clip['start'], clip['count'], numbers[clip['category']]
        order = np.argsort(ids, kind='stable')
        arrays = {ffmt.ID_FILE: ids[order], ffmt.ENTRY_FILE: entries[order]}
        self._describe(arrays, num_clips=len(ids), num_rows=self._rows, categories=categories)

    def _open_finished(self) -> FeatureStore:
        return FeatureStore(self.partial)


def _checked_features(features: np.ndarray, dimension: int) -> np.ndarray:
    """Features as (n, D) float16.

    Raises:
        ValueError: If they have another shape, are none, or are not finite in half precision.
    """
    found = np.atleast_2d(np.asarray(features))
    if found.ndim != 2 or found.dtype.kind not in 'fiu':
        raise ValueError(f'expected features (n, {dimension}), found {found.dtype} {np.shape(features)}')
    if found.shape[1] != dimension:
        raise ValueError(f'expected features of {dimension} channels, found {found.shape[1]}')
    if not len(found):
        raise ValueError('expected one or more features, found none')
    if not np.isfinite(found).all():
        raise ValueError('its features must be finite, found NaN or infinity')
    with np.errstate(over='ignore'):
        rows = found.astype(ffmt.FEATURE_DTYPE)
    if not np.isfinite(rows).all():
        largest = float(np.abs(found).max())
        raise ValueError(f'its features must be at most 65504 to fit half precision, found {largest:g}')
    return rows


def _digest(rows: np.ndarray) -> bytes:
    """Checksum of (n, D) rows."""
    return hashlib.blake2b(np.ascontiguousarray(rows).data, digest_size=16).digest()
