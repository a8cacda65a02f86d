"""What is said of the clips of a store: the words of their classes, or captions of their own."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from typing import Protocol

from mmactrep.datasets.texts import texts_of_classes
from mmactrep.datasets.texts.captions import CaptionError, read_captions
from mmactrep.models.teachers.prompts import fill_templates
from mmactrep.store.reader import SkeletonStore


class ClipSentences(Protocol):
    """Interface of what is said of clips."""

    checksum: str

    def all(self) -> Iterator[str]:
        """All sentences in a fixed order, some of them repeatedly."""

    def of(self, row: int) -> tuple[list[str], str]:
        """Sentences and category of the clip in a row of the store; no sentences if nothing is said of it."""


class ClassSentences:
    """The descriptions of each clip's class, in templates. The class is the category.

    Args:
        store: The clips.
        source: A text file of descriptions, or the name of a shipped list; None takes the names of the
            classes. See :func:`~mmactrep.datasets.texts.load_class_texts`.
        templates: See :func:`~mmactrep.models.teachers.prompts.read_templates`.

    Raises:
        LabelTextError: If the source lacks a class.
        UserError: If source or templates cannot be read.
    """

    def __init__(
        self,
        store: SkeletonStore,
        source: str | os.PathLike | None = None,
        templates: str | Sequence[str] = 'plain',
    ) -> None:
        classes = texts_of_classes(store.classes, source)
        self._labels = store.labels
        self._names = store.classes
        self._sentences = [fill_templates(each.texts, templates) for each in classes]
        self.checksum = _checksum(zip(self._names, self._sentences))

    def all(self) -> Iterator[str]:
        """Class after class."""
        for sentences in self._sentences:
            yield from sentences

    def of(self, row: int) -> tuple[list[str], str]:
        """Those of the clip's class; none for a clip without a label."""
        label = int(self._labels[row])
        return (self._sentences[label], self._names[label]) if label >= 0 else ([], '')


class Captions:
    """Sentences about each clip, in templates. The category is the clip's class, or unknown.

    Args:
        store: The clips.
        path: JSON file of an object: clip id to a sentence or a list of them. Clips may be absent; ids of
            clips that the store lacks are counted in :attr:`unknown`.
        templates: See :func:`~mmactrep.models.teachers.prompts.read_templates`.

    Raises:
        BadFileError: If the file is not JSON.
        CaptionError: If it is no such object, a sentence is empty, or no clip of the store is in it.
    """

    def __init__(
        self, store: SkeletonStore, path: str | os.PathLike, templates: str | Sequence[str] = 'plain'
    ) -> None:
        self._store = store
        self._captions = read_captions(path)
        self._templates = templates
        known = sum(clip_id in self._captions for clip_id in store.ids)
        if not known:
            first = next(iter(self._captions), 'none')
            raise CaptionError(
                f"{path}: no clip of {store.root} has a caption; expected ids like '{store.ids[0]}', found "
                f'{first!r:.80}'
            )
        self.unknown = len(self._captions) - known
        self.checksum = _checksum((name, self._of(name)) for name in store.ids if name in self._captions)

    def all(self) -> Iterator[str]:
        """Clip after clip."""
        for clip_id in self._store.ids:
            yield from self._of(clip_id)

    def of(self, row: int) -> tuple[list[str], str]:
        """The clip's captions and the name of its class."""
        label = int(self._store.labels[row])
        return self._of(self._store.ids[row]), self._store.classes[label] if label >= 0 else ''

    def _of(self, clip_id: str) -> list[str]:
        return fill_templates(self._captions.get(clip_id, ()), self._templates)


def _checksum(said: Iterator[tuple[str, list[str]]]) -> str:
    digest = hashlib.sha256()
    for name, sentences in said:
        digest.update(json.dumps([name, sentences]).encode() + b'\n')
    return digest.hexdigest()
