"""Writing a :class:`SkeletonStore`, resumable after a kill."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from mmactrep.locks import FileLock, LockedError
from mmactrep.structures import SkeletonLayout, get_layout

from . import clip_checks, names
from . import format as fmt
from .array_file import GrowingArrayFile, GrowingFile
from .contents import StoreContents
from .description import write_description
from .index import build_index
from .journal import journal_line, read_journal
from .unfinished import JOURNAL_FILE, begin, put_in_place


class SkeletonStoreWriter:
    """Writes clips into ``root + '.partial'`` and renames it to ``root`` when complete.

    Clips go to disk as they come. The journal line follows the rows of its clip, so whatever kills the
    process, a writer reopened on the same root finds the clips whose lines are complete and cuts off the
    rest. Only one writer at a time may write a store.

    >>> with SkeletonStoreWriter('data/mine', 'coco17', classes=['sit', 'stand']) as writer:
    ...     for clip_id, keypoint, score, label in clips:
    ...         if clip_id not in writer:
    ...             writer.add(clip_id, keypoint, score, label, img_shape=(480, 640))
    ...     writer.add_split('train', train_ids)
    ...     writer.finish()

    Args:
        root: Folder of the store.
        layout: Layout of the joints, or its name. It is written into the store.
        classes: Class names; labels index them.
        num_channels: Coordinates per joint, 2 or 3.
        with_score: Whether scores are kept. Without scores, a joint is missing where all its coordinates
            are 0; one seen at exactly 0 is moved by the smallest step of the type.
        dtype: ``'float32'`` or ``'float16'``.
        attributes: Anything about the data's origin that JSON can represent.
        overwrite: Replace a finished store, once the new one is complete.

    Raises:
        FileExistsError: If ``root`` is a finished store and ``overwrite`` is off.
        StoreError: If another writer is working on the store, the unfinished store was begun with other
            settings or is damaged, or classes or attributes cannot be written.
    """

    def __init__(
        self,
        root: str | os.PathLike,
        layout: str | SkeletonLayout | dict,
        classes: Sequence[str] = (),
        num_channels: int = 2,
        with_score: bool = True,
        dtype: str = 'float32',
        attributes: Mapping | None = None,
        overwrite: bool = False,
    ) -> None:
        self.root = Path(root)
        self.layout = get_layout(layout)
        self.num_channels = num_channels
        self.with_score = with_score
        self.dtype = np.dtype(dtype)
        self.attributes = dict(attributes or {})
        if num_channels not in (2, 3):
            raise ValueError(f'a joint has 2 or 3 coordinates, got num_channels={num_channels}')
        if self.dtype not in (np.float32, np.float16):
            raise ValueError(f'dtype must be float32 or float16, got {dtype!r}')
        self._labels = names.labels_by_name(classes, self.root)
        self.classes = list(self._labels)
        settings = self._json_settings()
        self.partial = self.root.with_name(self.root.name + '.partial')
        self._clips: dict[str, dict] = {}
        self._splits: dict[str, dict[str, None]] = {}
        self._rows = 0
        self._damage: str | None = None
        self.root.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._lock = FileLock(self.root.with_name(f'.{self.root.name}.lock'))
        except LockedError as error:
            raise fmt.StoreError(f'{self.root}: {error}') from error
        try:
            if (self.root / fmt.META_FILE).exists() and not overwrite:
                raise FileExistsError(f'{self.root} already holds a skeleton store')
            begin(self.partial, settings)
            self._open()
        except BaseException:
            self._lock.release()
            raise

    def __enter__(self) -> SkeletonStoreWriter:
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def __contains__(self, clip_id: str) -> bool:
        return clip_id in self._clips

    def __len__(self) -> int:
        return len(self._clips)

    def add(
        self,
        clip_id: str,
        keypoint: np.ndarray,
        score: np.ndarray | None = None,
        label: int | str = fmt.UNLABELLED,
        img_shape: tuple[int, int] | None = None,
        fps: float | None = None,
        segments: Iterable[tuple[int | str, int, int]] = (),
    ) -> None:
        """Append a clip. It is checked completely before anything is written.

        Args:
            clip_id: Unique name: printable text, not a path that leads elsewhere.
            keypoint: (M, T, V, C) coordinates; a joint whose coordinates are all NaN is missing.
            score: (M, T, V) confidences, 0 where a joint is missing; its coordinates become 0.
                Default: 1 where a joint is not at 0. Data without image and scores are refused where a
                joint at 0 may really be at the origin, because the body surrounds it.
            label: Class index or name; default: none.
            img_shape: (H, W) in pixels; None or (0, 0) where there is no image.
            fps: Frames per second; None or 0 if unknown.
            segments: Dense annotation as (class, start, end), class by index or name, end exclusive, in
                frames.

        Raises:
            BadClipError: If anything does not fit. The store remains as it was.
            OSError: If it could not be written (disk full). The store remains as it was.
        """
        self._check_usable()
        problem = names.clip_id_problem(clip_id)
        if problem:
            raise fmt.BadClipError(problem)
        clip_id = str(clip_id)
        if clip_id in self._clips:
            raise fmt.BadClipError(f"clip '{clip_id}' is already in {self.partial}")
        try:
            height, width = clip_checks.checked_img_shape(img_shape)
            keypoint, score = clip_checks.checked_poses(
                keypoint,
                score,
                self.layout,
                self.num_channels,
                self.dtype,
                self.num_channels == 2 and height > 0,
            )
            persons, frames = keypoint.shape[:2]
            clip = dict(
                id=clip_id,
                persons=persons,
                frames=frames,
                label=clip_checks.checked_label(label, self._labels),
                height=height,
                width=width,
                fps=clip_checks.checked_fps(fps),
                segments=clip_checks.checked_segments(segments, frames, self._labels),
            )
        except ValueError as error:
            raise fmt.BadClipError(f"clip '{clip_id}': {error}") from error
        self._write(clip, keypoint, score)

    def _write(self, clip: dict, keypoint: np.ndarray, score: np.ndarray) -> None:
        """Write a checked clip to all files or to none."""
        line = journal_line(clip)
        before = [(file, file.size) for file in self._files]
        try:
            if self._score is None:
                keypoint = clip_checks.without_zeros(keypoint, score)
            else:
                self._score.append_rows(score.reshape(-1, score.shape[-1]))
            self._keypoint.append_rows(keypoint.reshape(-1, *keypoint.shape[2:]))
            self._journal.append(line)
            self._clips[clip['id']] = clip
            self._rows += clip['persons'] * clip['frames']
        except BaseException:
            self._clips.pop(clip['id'], None)
            self._cut_back(before)
            raise

    def _cut_back(self, before: Sequence[tuple[GrowingFile, int]]) -> None:
        self._rows = sum(clip['persons'] * clip['frames'] for clip in self._clips.values())
        # until it is done: if this is interrupted too, the writer refuses to continue
        self._damage = 'a clip was written only in part and could not be removed'
        for file, size in before:
            file.cut(size)
        self._damage = None

    def add_split(self, name: str, clip_ids: Iterable[str]) -> None:
        """Name a subset of the clips, in order; further calls extend it. :meth:`finish` checks the clips.

        Raises:
            StoreError: If the name is not valid for a split, or the ids are not valid clip names.
        """
        problem = names.split_name_problem(name)
        if problem:
            raise fmt.StoreError(f'{self.root}: {problem}')
        if isinstance(clip_ids, str):
            raise fmt.StoreError(f"split '{name}' of {self.root}: expected a list of names, found one text")
        clip_ids = list(clip_ids)
        for clip_id in clip_ids:
            if not isinstance(clip_id, str):
                raise fmt.StoreError(f"split '{name}' of {self.root}: {names.clip_id_problem(clip_id)}")
        self._splits.setdefault(str(name), {}).update(dict.fromkeys(clip_ids))

    def finish(self) -> None:
        """Write index, splits and checksums, and move the store into place.

        Raises:
            StoreError: If the store is empty, a split names an absent clip, or the files do not contain what
                was written.
        """
        self._check_usable()
        self._check_complete()
        self._close_files()
        self._write_index()
        StoreContents.open(self.partial)  # a store that cannot be opened must not replace anything
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

    @property
    def _files(self) -> list[GrowingFile]:
        return [file for file in (self._keypoint, self._score, self._journal) if file is not None]

    def _close_files(self) -> None:
        for file in self._files:
            file.close()

    def _check_usable(self) -> None:
        if self._damage:
            raise fmt.StoreError(f'{self.partial}: {self._damage}; open it again to continue')
        if self._journal.closed:
            raise fmt.StoreError(f'{self.root}: the writer is closed')

    def _settings(self) -> dict:
        return dict(
            format=fmt.FORMAT,
            version=fmt.VERSION,
            layout=self.layout.to_dict(),
            classes=self.classes,
            num_channels=self.num_channels,
            with_score=self.with_score,
            dtype=self.dtype.name,
            attributes=self.attributes,
        )

    def _json_settings(self) -> dict:
        """The settings as they are read back from their file."""
        try:
            return json.loads(json.dumps(self._settings()))
        except (TypeError, ValueError, RecursionError) as error:
            raise fmt.StoreError(f'{self.root}: attributes must be JSON values: {error}') from error

    def _open(self) -> None:
        keypoint_row, score_row = (self.layout.num_joints, self.num_channels), (self.layout.num_joints,)
        journal = self.partial / JOURNAL_FILE
        keypoint_path, score_path = self.partial / fmt.KEYPOINT_FILE, self.partial / fmt.SCORE_FILE
        there = GrowingArrayFile.whole_rows(keypoint_path, keypoint_row, self.dtype)
        if self.with_score:
            there = min(there, GrowingArrayFile.whole_rows(score_path, score_row, self.dtype))
        self._clips, self._rows, length = read_journal(journal, there)
        self._keypoint = GrowingArrayFile(keypoint_path, keypoint_row, self.dtype, self._rows)
        self._score = (
            GrowingArrayFile(score_path, score_row, self.dtype, self._rows) if self.with_score else None
        )
        self._journal = GrowingFile(journal, length)

    def _check_complete(self) -> None:
        if not self._clips:
            raise fmt.StoreError(f'{self.partial}: no clip was added, the store would be empty')
        for name, ids in self._splits.items():
            absent = [clip_id for clip_id in ids if clip_id not in self._clips]
            if absent:
                raise fmt.StoreError(
                    f"split '{name}' of {self.root} names {len(absent)} absent clips: {absent[:5]}"
                )
        for file in self._files:
            rows = getattr(file, 'rows', self._rows)
            if rows != self._rows or file.size_on_disk != file.size:
                raise fmt.StoreError(
                    f'{file.path}: expected {self._rows} rows in {file.size} bytes, found {rows} rows in '
                    f'{file.size_on_disk} bytes; did something else write there? Remove the folder and start '
                    'again'
                )

    def _write_index(self) -> None:
        index, segments = build_index(list(self._clips.values()))
        arrays = {fmt.INDEX_FILE: index, fmt.ID_ORDER_FILE: np.argsort(index['id'], kind='stable')}
        if len(segments):
            arrays[fmt.SEGMENT_FILE] = segments
        rows = {clip_id: row for row, clip_id in enumerate(self._clips)}
        for name, ids in self._splits.items():
            arrays[fmt.split_file(name)] = np.array([rows[clip_id] for clip_id in ids], np.int64)
        # left by an attempt with other splits
        shutil.rmtree(self.partial / fmt.SPLIT_FOLDER, ignore_errors=True)
        (self.partial / fmt.SPLIT_FOLDER).mkdir()
        for name, array in arrays.items():
            np.save(self.partial / name, array)
        files = sorted([*arrays, fmt.KEYPOINT_FILE, *([fmt.SCORE_FILE] if self.with_score else [])])
        description = self._settings() | dict(
            num_clips=len(index),
            num_rows=self._rows,
            splits={name: len(ids) for name, ids in self._splits.items()},
            checksums={name: fmt.sha256(self.partial / name) for name in files},
        )
        write_description(self.partial, description)
