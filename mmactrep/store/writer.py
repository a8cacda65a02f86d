"""Writing a :class:`SkeletonStore`, resumable after a kill."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from mmactrep.structures import SkeletonLayout, check_joint_count, get_layout

from . import format as fmt
from .array_file import GrowingArrayFile

_SETTINGS_FILE = 'writer.json'
_JOURNAL_FILE = 'journal.jsonl'


class SkeletonStoreWriter:
    """Writes clips into ``root + '.partial'`` and renames it to ``root`` when all is complete.

    Clips go to disk as they come. A journal line follows the rows of its clip, so whatever kills
    the process, a writer opened again on the same root finds the clips whose lines are whole and cuts
    off the rest.

    >>> with SkeletonStoreWriter('data/mine', 'coco17', classes=['sit', 'stand']) as writer:
    ...     for clip_id, keypoint, score, label in clips:
    ...         if clip_id not in writer:
    ...             writer.add(clip_id, keypoint, score, label, img_shape=(480, 640))
    ...     writer.add_split('train', train_ids)
    ...     writer.finish()

    Args:
        root: Folder of the store.
        layout: Layout of the joints, by name or itself. It is written into the store.
        classes: Class names; labels index them.
        num_channels: Coordinates a joint, 2 or 3.
        with_score: Whether scores are kept. Without, a joint is missing where all its coordinates
            are 0.
        dtype: ``'float32'`` or ``'float16'``.
        attributes: Anything JSON can hold about where the data come from.
        overwrite: Replace a finished store, once the new one is complete.

    Raises:
        FileExistsError: If ``root`` holds a finished store and ``overwrite`` is off.
        StoreError: If the unfinished store was begun with other settings.
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
        self.classes = list(classes)
        self.num_channels = num_channels
        self.with_score = with_score
        self.dtype = np.dtype(dtype)
        self.attributes = dict(attributes or {})
        if num_channels not in (2, 3):
            raise ValueError(f'a joint has 2 or 3 coordinates, got num_channels={num_channels}')
        if self.dtype not in (np.float32, np.float16):
            raise ValueError(f'dtype must be float32 or float16, got {dtype!r}')
        if (self.root / fmt.META_FILE).exists() and not overwrite:
            raise FileExistsError(f'{self.root} already holds a skeleton store')
        self.partial = self.root.with_name(self.root.name + '.partial')
        self._clips: dict[str, dict] = {}
        self._splits: dict[str, dict[str, None]] = {}
        self._open()

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
        label: int = fmt.UNLABELLED,
        img_shape: tuple[int, int] = (0, 0),
        fps: float = 0.0,
        segments: Iterable[tuple[int, int, int]] = (),
    ) -> None:
        """Append a clip.

        Args:
            clip_id: Unique name.
            keypoint: (M, T, V, C) coordinates.
            score: (M, T, V) confidences, 0 where a joint is missing; its coordinates become 0.
                Default: 1 where a coordinate is not 0.
            label: Class index, -1 for none.
            img_shape: (H, W) in pixels; 0 where there is no image.
            fps: Frames a second, 0 if unknown.
            segments: Dense annotation as (class, start, end), end exclusive, in frames.

        Raises:
            BadClipError: On anything that does not fit. The store stays as it was.
        """
        if clip_id in self._clips:
            raise fmt.BadClipError(f"clip '{clip_id}' is already in {self.partial}")
        keypoint, score = self._checked(clip_id, keypoint, score)
        persons, frames = keypoint.shape[:2]
        line = dict(
            id=clip_id,
            persons=persons,
            frames=frames,
            label=self._checked_label(clip_id, label),
            height=int(img_shape[0]),
            width=int(img_shape[1]),
            fps=float(fps),
            segments=[self._checked_segment(clip_id, segment, frames) for segment in segments],
        )
        self._keypoint.append(keypoint.reshape(-1, *keypoint.shape[2:]))
        if self._score is not None:
            self._score.append(score.reshape(-1, score.shape[-1]))
            self._score.flush()
        self._keypoint.flush()
        self._journal.write(json.dumps(line) + '\n')
        self._journal.flush()
        self._clips[clip_id] = line

    def add_split(self, name: str, clip_ids: Iterable[str]) -> None:
        """Name a subset of the clips, in order; further calls extend it. :meth:`finish` checks the ids."""
        self._splits.setdefault(name, {}).update(dict.fromkeys(clip_ids))

    def finish(self) -> None:
        """Write index, splits and checksums, and put the store in its place.

        Raises:
            StoreError: If the store is empty or a split names an absent clip.
        """
        self._check_complete()
        self.close()
        index, segments = self._build_index()
        np.save(self.partial / fmt.INDEX_FILE, index)
        np.save(self.partial / fmt.ID_ORDER_FILE, np.argsort(index['id'], kind='stable'))
        if len(segments):
            np.save(self.partial / fmt.SEGMENT_FILE, segments)
        rows = {clip_id: row for row, clip_id in enumerate(self._clips)}
        (self.partial / fmt.SPLIT_FOLDER).mkdir(exist_ok=True)
        for name, ids in self._splits.items():
            split = np.array([rows[clip_id] for clip_id in ids], np.int64)
            np.save(self.partial / fmt.SPLIT_FOLDER / f'{name}.npy', split)
        self._write_meta(index)
        self._put_in_place()
        for name in (_SETTINGS_FILE, _JOURNAL_FILE):
            (self.root / name).unlink()

    def close(self) -> None:
        """Close the files. An unfinished store stays where it is, to be taken up again."""
        self._keypoint.close()
        if self._score is not None:
            self._score.close()
        self._journal.close()

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

    def _open(self) -> None:
        self.partial.mkdir(parents=True, exist_ok=True)
        settings = json.loads(json.dumps(self._settings()))
        path = self.partial / _SETTINGS_FILE
        if path.exists():
            begun = json.loads(path.read_text(encoding='utf-8'))
            differing = sorted(key for key in settings if settings[key] != begun.get(key))
            if differing:
                raise fmt.StoreError(
                    f'{self.partial} was begun with other settings ({", ".join(differing)}); '
                    'finish it with those, or remove the folder'
                )
        else:
            complete = path.with_suffix('.new')
            complete.write_text(json.dumps(settings), encoding='utf-8')
            complete.rename(path)
        keypoint_row = (self.layout.num_joints, self.num_channels)
        score_row = (self.layout.num_joints,)
        rows = self._recover(keypoint_row, score_row)
        self._keypoint = GrowingArrayFile(self.partial / fmt.KEYPOINT_FILE, keypoint_row, self.dtype, rows)
        self._score = (
            GrowingArrayFile(self.partial / fmt.SCORE_FILE, score_row, self.dtype, rows)
            if self.with_score
            else None
        )

    def _recover(self, keypoint_row: tuple[int, ...], score_row: tuple[int, ...]) -> int:
        """Read the journal of an earlier attempt; return the number of rows that it vouches for."""
        path = self.partial / _JOURNAL_FILE
        there = GrowingArrayFile.whole_rows(self.partial / fmt.KEYPOINT_FILE, keypoint_row, self.dtype)
        if self.with_score:
            scores = GrowingArrayFile.whole_rows(self.partial / fmt.SCORE_FILE, score_row, self.dtype)
            there = min(there, scores)
        rows, length = 0, 0
        if path.exists():
            with open(path, 'rb') as journal:
                for raw in journal:
                    if not raw.endswith(b'\n'):
                        break
                    line = json.loads(raw)
                    if rows + line['persons'] * line['frames'] > there:
                        break
                    rows += line['persons'] * line['frames']
                    length += len(raw)
                    self._clips[line['id']] = line
            os.truncate(path, length)
        self._journal = open(path, 'a', encoding='utf-8')  # noqa: SIM115
        return rows

    def _checked(
        self, clip_id: str, keypoint: np.ndarray, score: np.ndarray | None
    ) -> tuple[np.ndarray, np.ndarray]:
        keypoint = np.asarray(keypoint, np.float32)
        if keypoint.ndim != 4 or keypoint.shape[-1] != self.num_channels:
            raise fmt.BadClipError(
                f"clip '{clip_id}': expected keypoints (M, T, {self.layout.num_joints}, "
                f'{self.num_channels}), found {keypoint.shape}'
            )
        try:
            check_joint_count(keypoint, self.layout, f"clip '{clip_id}'")
        except ValueError as error:
            raise fmt.BadClipError(str(error)) from error
        if keypoint.size == 0:
            raise fmt.BadClipError(f"clip '{clip_id}' is empty: keypoints {keypoint.shape}")
        if score is None:
            score = np.any(keypoint != 0, axis=-1).astype(np.float32)
        score = np.asarray(score, np.float32)
        if score.shape != keypoint.shape[:-1]:
            raise fmt.BadClipError(
                f"clip '{clip_id}': expected scores {keypoint.shape[:-1]}, found {score.shape}"
            )
        keypoint = np.where(score[..., None] > 0, keypoint, np.float32(0))
        limit = np.finfo(self.dtype).max
        for what, array in (('coordinates', keypoint), ('scores', score)):
            bad = ~(np.abs(array) <= limit)
            if bad.any():
                place = tuple(int(i) for i in np.argwhere(bad)[0])
                raise fmt.BadClipError(
                    f"clip '{clip_id}': {what} must be finite {self.dtype.name}, found {array[place]} "
                    f'at (person, frame, joint, ...) {place}'
                )
        return keypoint, score

    def _checked_label(self, clip_id: str, label: int) -> int:
        if label != fmt.UNLABELLED and not 0 <= label < len(self.classes):
            raise fmt.BadClipError(
                f"clip '{clip_id}': label {label} is outside the {len(self.classes)} classes"
            )
        return int(label)

    def _checked_segment(self, clip_id: str, segment: tuple[int, int, int], frames: int) -> list[int]:
        label, start, end = (int(value) for value in segment)
        if not 0 <= label < len(self.classes) or not 0 <= start < end <= frames:
            raise fmt.BadClipError(
                f"clip '{clip_id}': segment {(label, start, end)} does not fit "
                f'{len(self.classes)} classes and {frames} frames'
            )
        return [label, start, end]

    def _check_complete(self) -> None:
        if not self._clips:
            raise fmt.StoreError(f'{self.partial}: nothing was added, an empty store is of no use')
        for name, ids in self._splits.items():
            absent = [clip_id for clip_id in ids if clip_id not in self._clips]
            if absent:
                raise fmt.StoreError(
                    f"split '{name}' of {self.root} names {len(absent)} absent clips: {absent[:5]}"
                )

    def _build_index(self) -> tuple[np.ndarray, np.ndarray]:
        ids = [clip_id.encode() for clip_id in self._clips]
        index = np.zeros(len(ids), fmt.index_dtype(max(map(len, ids))))
        index['id'] = ids
        for name in ('persons', 'frames', 'label', 'height', 'width', 'fps'):
            index[name] = [line[name] for line in self._clips.values()]
        rows = index['persons'].astype(np.int64) * index['frames']
        index['start'] = np.concatenate([[0], np.cumsum(rows)[:-1]])
        segments = [
            (row, *segment) for row, line in enumerate(self._clips.values()) for segment in line['segments']
        ]
        return index, np.array(segments, fmt.SEGMENT_DTYPE)

    def _write_meta(self, index: np.ndarray) -> None:
        files = sorted(path for path in self.partial.rglob('*.npy'))
        meta = self._settings() | dict(
            num_clips=len(index),
            num_rows=self._keypoint.rows,
            splits={name: len(ids) for name, ids in self._splits.items()},
            checksums={path.relative_to(self.partial).as_posix(): fmt.sha256(path) for path in files},
        )
        text = json.dumps(meta, indent=1, ensure_ascii=False)
        (self.partial / fmt.META_FILE).write_text(text, encoding='utf-8')

    def _put_in_place(self) -> None:
        if not self.root.exists():
            self.partial.rename(self.root)
            return
        # a folder that holds other things than a finished store is not ours to remove
        old = self.root.with_name(self.root.name + '.old')
        if (self.root / fmt.META_FILE).exists():
            self.root.rename(old)
            self.partial.rename(self.root)
            shutil.rmtree(old)
        elif not any(self.root.iterdir()):
            self.root.rmdir()
            self.partial.rename(self.root)
        else:
            raise fmt.StoreError(f'{self.root} holds other files; the finished store lies at {self.partial}')
