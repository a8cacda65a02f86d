"""What the writers of stores share: the unfinished folder, its journal, and how it becomes the store."""

from __future__ import annotations

import json
import os
import shutil
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mmactrep.locks import FileLock, LockedError

from . import format as fmt
from . import names
from .array_file import GrowingArrayFile, GrowingFile
from .description import format_of, write_description
from .journal import Journal, journal_line
from .unfinished import JOURNAL_FILE, begin, put_in_place

if TYPE_CHECKING:
    from typing import Self


class StoreWriter(ABC):
    """Writes clips into ``root + '.partial'`` and renames it to ``root`` when complete.

    Clips go to disk as they come. The journal line follows the rows of its clip, so whatever kills the
    process, a writer reopened on the same root finds the clips whose lines are complete and cuts off the
    rest. Only one writer at a time may write a store. A subclass calls :meth:`_begin` when its settings are
    known.

    Args:
        root: Folder of the store.
    """

    #: Format of the store in its description, and its journal.
    format: str
    journal: Journal

    def __init__(self, root: str | os.PathLike) -> None:
        self.root = Path(root)
        self.partial = self.root.with_name(self.root.name + '.partial')
        # names and numbers alone; what is known of each clip stands in the journal
        self._clips: dict[str, int] = {}
        self._rows = 0
        self._damage: str | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def __contains__(self, clip_id: str) -> bool:
        return clip_id in self._clips

    def __len__(self) -> int:
        return len(self._clips)

    @abstractmethod
    def _settings(self) -> dict:
        """The settings of the store, JSON values that its description begins with."""

    @abstractmethod
    def _array_files(self) -> dict[str, tuple[tuple[int, ...], np.dtype]]:
        """Files of rows: name to shape of a row and type."""

    @abstractmethod
    def _write_index(self) -> None:
        """Write the other files and the description into the unfinished folder, see :meth:`_describe`."""

    @abstractmethod
    def _open_finished(self) -> Any:
        """Open the unfinished folder as a store: one that cannot be opened must not replace anything."""

    def _begin(self, overwrite: bool) -> None:
        """Create the unfinished store, or resume it.

        Raises:
            FileExistsError: If ``root`` is a finished store and ``overwrite`` is off.
            StoreError: If another writer is working on the store, it was begun with other settings or is
                damaged, or the folder holds a store of another kind.
        """
        settings = self._json_settings()
        self.root.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._lock = FileLock(self.root.with_name(f'.{self.root.name}.lock'))
        except LockedError as error:
            raise fmt.StoreError(f'{self.root}: {error}') from error
        try:
            self._check_replaceable(overwrite)
            begin(self.partial, settings)
            self._open()
        except BaseException:
            self._lock.release()
            raise

    def _check_replaceable(self, overwrite: bool) -> None:
        path = self.root / fmt.META_FILE
        if not path.exists():
            return
        found = format_of(self.root) or self.format
        if not overwrite:
            raise FileExistsError(f'{self.root} already holds a {fmt.noun(found)}')
        if found != self.format:
            raise fmt.StoreError(
                f'{self.root} is a {fmt.noun(found)}, which a {fmt.noun(self.format)} does not replace'
            )

    def _open(self) -> None:
        files = {self.partial / name: form for name, form in self._array_files().items()}
        there = min(GrowingArrayFile.whole_rows(path, *form) for path, form in files.items())
        journal = self.partial / JOURNAL_FILE
        self._clips, self._rows, length = self.journal.read(journal, there)
        self._arrays = [GrowingArrayFile(path, *form, self._rows) for path, form in files.items()]
        self._lines = GrowingFile(journal, length)

    def _check_new(self, clip_id: object) -> str:
        """A name for a new clip.

        Raises:
            BadClipError: If it is not valid, or there is such a clip.
            StoreError: If the writer is closed or spoiled.
        """
        self._check_usable()
        problem = names.clip_id_problem(clip_id)
        if problem:
            raise fmt.BadClipError(problem)
        clip_id = str(clip_id)
        if clip_id in self._clips:
            raise fmt.BadClipError(f"clip '{clip_id}' is already in {self.partial}")
        return clip_id

    def _write(self, clip: dict, rows: Sequence[np.ndarray]) -> None:
        """Write a checked clip to all files or to none.

        Args:
            clip: Its journal entry.
            rows: Its rows for each of the array files, in their order.
        """
        line, rows_before = journal_line(clip), self._rows
        before = [(file, file.size) for file in self._files]
        try:
            for file, array in zip(self._arrays, rows):
                file.append_rows(array)
            self._lines.append(line)
            self._clips[clip['id']] = len(self._clips)
            self._rows = self.journal.rows_after(clip, self._rows)
        except BaseException:
            self._clips.pop(clip['id'], None)
            self._rows = rows_before
            self._cut_back(before)
            raise

    def _cut_back(self, before: Sequence[tuple[GrowingFile, int]]) -> None:
        # until it is done: if this is interrupted too, the writer refuses to continue
        self._damage = 'a clip was written only in part and could not be removed'
        for file, size in before:
            file.cut(size)
        self._damage = None

    def finish(self) -> None:
        """Write index, description and checksums, and move the store into place.

        Raises:
            StoreError: If the store is empty or inconsistent, or the files do not contain what was written.
        """
        self._check_usable()
        self._check_complete()
        self._close_files()
        self._write_index()
        self._open_finished()
        put_in_place(self.partial, self.root)
        self.close()

    def discard(self) -> None:
        """Remove the unfinished store."""
        self._close_files()
        shutil.rmtree(self.partial)
        self.close()

    def close(self) -> None:
        """Close the files. An unfinished store stays where it is and can be resumed."""
        try:
            self._close_files()
        finally:
            self._lock.release()

    def _entries(self) -> Iterator[dict]:
        """What the journal tells of each clip, in order."""
        return self.journal.entries(self._lines.path, self._lines.size)

    @property
    def _files(self) -> list[GrowingFile]:
        return [*self._arrays, self._lines]

    def _close_files(self) -> None:
        for file in self._files:
            file.close()

    def _check_usable(self) -> None:
        if self._damage:
            raise fmt.StoreError(f'{self.partial}: {self._damage}; open it again to continue')
        if self._lines.closed:
            raise fmt.StoreError(f'{self.root}: the writer is closed')

    def _json_settings(self) -> dict:
        """The settings as they are read back from their file."""
        try:
            return json.loads(json.dumps(self._settings()))
        except (TypeError, ValueError, RecursionError) as error:
            raise fmt.StoreError(f'{self.root}: attributes must be JSON values: {error}') from error

    def _check_complete(self) -> None:
        if not self._clips:
            raise fmt.StoreError(f'{self.partial}: no clip was added, the store would be empty')
        for file in self._files:
            rows = getattr(file, 'rows', self._rows)
            if rows != self._rows or file.size_on_disk != file.size:
                raise fmt.StoreError(
                    f'{file.path}: expected {self._rows} rows in {file.size} bytes, found {rows} rows in '
                    f'{file.size_on_disk} bytes; did something else write there? Remove the folder and start '
                    'again'
                )

    def _describe(self, arrays: Mapping[str, np.ndarray], **counts: object) -> None:
        """Write the arrays of the index, and the description with the checksums of all files."""
        for name, array in arrays.items():
            np.save(self.partial / name, array)
        files = sorted([*arrays, *self._array_files()])
        checksums = {name: fmt.sha256(self.partial / name) for name in files}
        write_description(self.partial, self._settings() | counts | dict(checksums=checksums))
