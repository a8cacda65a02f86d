"""Writing a :class:`SkeletonStore`, resumable after a kill."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from mmactrep.structures import SkeletonLayout, get_layout

from . import clip_checks, names
from . import format as fmt
from .contents import StoreContents
from .index import build_index
from .journal import Journal
from .split_members import SplitMembers
from .store_writer import StoreWriter


def _rows_after(clip: dict, rows: int) -> int:
    if clip['persons'] < 1 or clip['frames'] < 1:
        raise ValueError(f'{clip["persons"]} persons and {clip["frames"]} frames')
    return rows + clip['persons'] * clip['frames']


class SkeletonStoreWriter(StoreWriter):
    """Writes clips into ``root + '.partial'`` and renames it to ``root`` when complete.

    A kill leaves what is complete, and the next writer continues there, see :class:`StoreWriter`.

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

    format = fmt.FORMAT
    journal = Journal(
        dict(
            id=str, persons=int, frames=int, label=int, height=int, width=int, fps=(int, float), segments=list
        ),
        _rows_after,
    )

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
        super().__init__(root)
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
        self._splits: dict[str, SplitMembers] = {}
        self._begin(overwrite)

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
        clip_id = self._check_new(clip_id)
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
        rows = keypoint if self.with_score else clip_checks.without_zeros(keypoint, score)
        scores = [score.reshape(-1, score.shape[-1])] if self.with_score else []
        self._write(clip, [*scores, rows.reshape(-1, *rows.shape[2:])])

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
        self._splits.setdefault(str(name), SplitMembers()).add(clip_ids, self._clips)

    def _settings(self) -> dict:
        return dict(
            format=self.format,
            version=fmt.VERSION,
            layout=self.layout.to_dict(),
            classes=self.classes,
            num_channels=self.num_channels,
            with_score=self.with_score,
            dtype=self.dtype.name,
            attributes=self.attributes,
        )

    def _array_files(self) -> dict[str, tuple[tuple[int, ...], np.dtype]]:
        joints = self.layout.num_joints
        scores = {fmt.SCORE_FILE: ((joints,), self.dtype)} if self.with_score else {}
        return scores | {fmt.KEYPOINT_FILE: ((joints, self.num_channels), self.dtype)}

    def _check_complete(self) -> None:
        super()._check_complete()
        for name, members in self._splits.items():
            absent = members.absent(self._clips)
            if absent:
                raise fmt.StoreError(
                    f"split '{name}' of {self.root} names {len(absent)} absent clips: {absent[:5]}"
                )

    def _write_index(self) -> None:
        longest = max(len(clip_id.encode()) for clip_id in self._clips)
        index, segments = build_index(self._entries(), len(self._clips), longest)
        arrays = {fmt.INDEX_FILE: index, fmt.ID_ORDER_FILE: np.argsort(index['id'], kind='stable')}
        if len(segments):
            arrays[fmt.SEGMENT_FILE] = segments
        for name, members in self._splits.items():
            arrays[fmt.split_file(name)] = members.rows(self._clips)
        # left by an attempt with other splits
        shutil.rmtree(self.partial / fmt.SPLIT_FOLDER, ignore_errors=True)
        (self.partial / fmt.SPLIT_FOLDER).mkdir()
        splits = {name: len(arrays[fmt.split_file(name)]) for name in self._splits}
        self._describe(arrays, num_clips=len(index), num_rows=self._rows, splits=splits)

    def _open_finished(self) -> StoreContents:
        return StoreContents.open(self.partial)
