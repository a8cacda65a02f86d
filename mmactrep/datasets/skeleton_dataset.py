"""Trimmed skeleton clips from a :class:`SkeletonStore`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from mmengine.dataset import BaseDataset
from mmengine.logging import print_log

from mmactrep.registry import DATASETS
from mmactrep.store.format import BadClipError, StoreError
from mmactrep.store.reader import SkeletonStore

from .pipelines import pipeline_steps
from .protocols import class_list
from .sample_seeds import SampleSeeds
from .selection import (
    checked_holdout,
    relabel,
    relabel_in,
    repeat_rare_classes,
    sample_labelled_fraction,
    used_part,
)


@DATASETS.register_module()
class SkeletonDataset(BaseDataset):
    """Clips of a store as mmaction2's annotation dictionaries.

    Nothing is loaded or looped over at construction: the dataset is an array of the store's rows, and a clip
    is read when it is indexed.

    Each sample carries ``rng``, a generator that depends only on the seed, the epoch and the position of the
    sample, so that augmentation does not depend on the number of workers and a resumed training sees the same
    samples as an uninterrupted one. ``SampleSeedHook`` sets seed and epoch; without it, the generator is
    seeded from numpy's global state.

    Args:
        ann_file: Folder of the store.
        pipeline: Transforms, or names to transforms (:func:`pipeline_steps`).
        split: Name of the split; all clips if None.
        stream: What ``SkeletonStream`` makes of the joints: ``'joint'``, ``'bone'``, ``'motion'`` or
            ``'bone_motion'``. It is an argument here so that a config for another stream takes one line.
        classes: Use only the clips of these classes, with labels numbered in this order: names, or
            the name of a published list, such as ``'smarthome/cv'`` (see ``mmactrep.datasets.protocols``).
        label_classes: Number labels in this list instead, which has the classes that are used and others: of
            data sets that are trained on together with this one.
        repeat_below: A class of n < ``repeat_below`` clips is repeated round(repeat_below / n)
            times (Toyota Smarthome, cross-view training).
        repeat_count: Where n is counted: in the whole ``'store'``, as UNIK's release counts Smarthome's, or
            in the ``'split'``.
        labelled_fraction: Keep this share of the clips of each class, drawn with
            ``labelled_seed`` (the protocols with 5 % and 10 % of the labels).
        labelled_seed: Seed of that draw.
        repeat_each: How often every clip comes in a row, for instance once for each camera from which
            ``ProjectToCamera`` sees it in test.
        holdout: Divide what is then left in two parts, to choose settings without the test split: a
            dictionary of settings, see :func:`~mmactrep.datasets.selection.checked_holdout`.
        absent_hint: Hint shown to a user who does not have the store.
        test_mode: No refetching, and the same random numbers in every epoch.
        lazy_init: Do not open the store yet.

    Raises:
        StoreError: If the store is absent or damaged, or has no such split.
        BadClipError: If a label is outside the classes, or an option counts classes and a clip has none.
        ValueError: If ``classes`` names a class that the store lacks.
        StoreError: If the store cannot be used, or no clip of the split is left.
    """

    def __init__(
        self,
        ann_file: str,
        pipeline: Sequence[dict | Callable] | Mapping[str, dict | Callable],
        split: str | None = None,
        stream: str = 'joint',
        classes: Sequence[str] | str | None = None,
        label_classes: Sequence[str] | str | None = None,
        repeat_below: int | None = None,
        repeat_count: str = 'store',
        labelled_fraction: float | None = None,
        labelled_seed: int = 0,
        repeat_each: int = 1,
        holdout: Mapping | None = None,
        absent_hint: str = '',
        test_mode: bool = False,
        lazy_init: bool = False,
    ) -> None:
        if repeat_each < 1:
            raise ValueError(f'repeat_each must be at least 1, got {repeat_each}')
        self.repeat_each = repeat_each
        self.split = split
        self.stream = stream
        self.classes = None if classes is None else class_list(classes)
        self.label_classes = None if label_classes is None else class_list(label_classes)
        self.repeat_below = repeat_below
        if repeat_count not in ('store', 'split'):
            raise ValueError(f"repeat_count must be 'store' or 'split', got {repeat_count!r}")
        self.repeat_count = repeat_count
        self.labelled_fraction = labelled_fraction
        self.labelled_seed = labelled_seed
        self.holdout = checked_holdout(holdout)
        self.absent_hint = absent_hint
        self._seeds = SampleSeeds()
        super().__init__(
            ann_file=ann_file,
            data_root='',
            pipeline=pipeline_steps(pipeline),
            test_mode=test_mode,
            lazy_init=lazy_init,
        )

    def full_init(self) -> None:
        """Open the store and choose the clips."""
        if self._fully_initialized:
            return
        try:
            self.store = SkeletonStore(self.ann_file)
        except StoreError as error:
            hint = f'\n{self.absent_hint}' if self.absent_hint else ''
            raise StoreError(f'{error}{hint}') from error
        if self.store.attributes.get('standin'):
            print_log(
                f'{self.store.root} is a STAND-IN: procedurally generated motion, not '
                f'{self.store.attributes.get("standin_for", "the real data set")}. Its figures say that the '
                'software works, nothing more.',
                logger='current',
                level=30,
            )
        self._rows, self._labels = self._choose()
        self._metainfo.update(
            classes=self.label_classes or self.classes or self.store.classes,
            layout=self.store.layout.name,
            source=str(self.store.attributes.get('source', self.store.root.name)),
        )
        self._fully_initialized = True

    def _choose(self) -> tuple[np.ndarray, np.ndarray]:
        rows = np.arange(len(self.store)) if self.split is None else np.array(self.store.split(self.split))
        labels = np.array(self.store.labels[rows], np.int64)
        outside = (labels < -1) | (labels >= len(self.store.classes))
        if outside.any():
            clip = int(rows[np.argmax(outside)])
            raise BadClipError(
                f"{self.store.root}: clip '{self.store.ids[clip]}' has label {self.store.labels[clip]} "
                f'outside the {len(self.store.classes)} classes'
            )
        if self.classes is not None:
            labels = relabel(labels, self.store.classes, self.classes)
            rows, labels = rows[labels >= 0], labels[labels >= 0]
        if self.label_classes is not None:
            labels = relabel_in(labels, self.classes or self.store.classes, self.label_classes)
        if self.labelled_fraction is not None or self.repeat_below is not None:
            self._check_labelled(rows, labels)
        if self.labelled_fraction is not None:
            kept = sample_labelled_fraction(labels, self.labelled_fraction, self.labelled_seed)
            rows, labels = rows[kept], labels[kept]
        used = self._used_part(rows, labels)
        rows, labels = rows[used], labels[used]
        if self.repeat_below is not None:
            counted = labels if self.repeat_count == 'split' else self._labels_of_store()
            repeated = repeat_rare_classes(labels, self.repeat_below, counted)
            rows, labels = rows[repeated], labels[repeated]
        if len(rows) == 0:
            raise StoreError(f'{self.store.root}: no clip is left of split {self.split!r}')
        return np.repeat(rows, self.repeat_each), np.repeat(labels, self.repeat_each)

    def _used_part(self, rows: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """Mask of the clips in the part of the holdout that is used."""
        try:
            return used_part(labels, (self.store.ids[row] for row in rows.tolist()), self.holdout)
        except ValueError as error:
            raise StoreError(f'{self.store.root}, split {self.split!r}: {error}') from error

    def _labels_of_store(self) -> np.ndarray:
        labels = np.array(self.store.labels, np.int64)
        return labels if self.classes is None else relabel(labels, self.store.classes, self.classes)

    def _check_labelled(self, rows: np.ndarray, labels: np.ndarray) -> None:
        missing = labels < 0
        if missing.any():
            raise BadClipError(
                f"{self.store.root}: clip '{self.store.ids[int(rows[np.argmax(missing)])]}' of split "
                f'{self.split!r} has no label, which labelled_fraction and repeat_below need '
                f'({int(missing.sum())} of {len(rows)} clips)'
            )

    def __len__(self) -> int:
        self.full_init()
        return len(self._rows)

    def get_data_info(self, idx: int) -> dict:
        """Annotation dictionary of a sample (see :class:`SkeletonStore`) with ``rng`` and ``sample_idx``."""
        self.full_init()
        if not -len(self._rows) <= idx < len(self._rows):
            raise IndexError(f'sample {idx} of {len(self._rows)}')
        idx = int(idx) % len(self._rows)
        info = self.store[self._rows[idx]]
        info['label'] = int(self._labels[idx])
        info['sample_idx'] = idx
        info['test_mode'] = self.test_mode
        info['stream'] = self.stream
        info['rng'] = self._generator(idx)
        return info

    def _generator(self, idx: int) -> np.random.Generator:
        return self._seeds.generator(idx, self.test_mode)

    def set_seed_and_epoch(self, seed: int, epoch: int) -> None:
        """Fix the random numbers of every sample for this epoch, in all workers."""
        self._seeds.set_seed_and_epoch(seed, epoch)

    def get_cat_ids(self, idx: int) -> list[int]:
        """Label of a sample, in the form that MMEngine's ``ClassBalancedDataset`` needs."""
        self.full_init()
        return [int(self._labels[idx])]

    @property
    def labels(self) -> np.ndarray:
        """Label of every sample."""
        self.full_init()
        return self._labels

    def get_subset_(self, indices: Sequence[int] | int) -> None:
        """Keep some samples, in place; an integer keeps the first (or, negative, the last) ones."""
        self.full_init()
        if isinstance(indices, int):
            indices = slice(indices) if indices >= 0 else slice(indices, None)
        self._rows, self._labels = self._rows[indices], self._labels[indices]

    def get_subset(self, indices: Sequence[int] | int) -> SkeletonDataset:
        """A dataset of some of the samples."""
        subset = self._copy_without_annotation()
        subset.get_subset_(indices)
        return subset
