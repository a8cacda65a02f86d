"""Score files: the scores of every clip, kept for fusion and analysis."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from mmengine.evaluator import BaseMetric
from mmengine.logging import print_log

from mmactrep.evaluation.functional import SCORE_KINDS, check_scores, name_clips, score_kind
from mmactrep.files import read_arrays, reading, shown
from mmactrep.registry import METRICS

from .classification_metric import Prediction, read_prediction

_FIELDS = ('scores', 'labels', 'ids', 'classes', 'kind')
# Data types of the arrays of a file, as NumPy kinds.
_TYPES = dict(
    scores=('f', 'fractions'),
    labels=('iu', 'whole numbers'),
    ids=('U', 'text'),
    classes=('U', 'text'),
    kind=('U', 'text'),
)


@dataclass(frozen=True, eq=False)
class ScoreTable:
    """Scores of N clips for K classes; as a file a NumPy ``.npz`` without pickles.

    Args:
        scores: (N, K) float32.
        labels: (N,) int64.
        ids: (N,) clip ids, unicode, unique.
        classes: (K,) class names, unicode; ``'0'``, ``'1'``, ... if the data set names none.
        kind: 'logits' or 'probabilities', so that a fusion applies softmax exactly once. Default: what
            :func:`~mmactrep.evaluation.functional.score_kind` returns.

    Raises:
        ValueError: If the fields do not fit each other, an id repeats, or a score is NaN or infinite.
    """

    scores: np.ndarray
    labels: np.ndarray
    ids: np.ndarray
    classes: np.ndarray
    kind: str = ''

    def __post_init__(self) -> None:
        scores = np.asarray(self.scores, np.float32)
        ids = np.asarray(self.ids, np.str_)
        classes = np.asarray(self.classes, np.str_)
        if scores.ndim == 2 and ids.shape != scores.shape[:1]:
            raise ValueError(f'expected an id for each of {len(scores)} clips, found shape {ids.shape}')
        scores, labels = check_scores(scores, self.labels, ids)
        if classes.shape != scores.shape[1:]:
            raise ValueError(f'scores have {scores.shape[1]} classes, but {classes.size} are named')
        unique, first = np.unique(ids, return_index=True)
        if len(unique) < len(ids):
            repeated = ~np.isin(np.arange(len(ids)), first)
            raise ValueError(f'ids repeat: {name_clips(repeated, ids)}')
        kind = str(self.kind) or score_kind(scores)
        if kind not in SCORE_KINDS:
            raise ValueError(f'kind must be one of {SCORE_KINDS}, found {shown(kind)}')
        for name, value in zip(_FIELDS, (scores, labels.astype(np.int64), ids, classes, kind)):
            object.__setattr__(self, name, value)

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def has_class_names(self) -> bool:
        """Whether the classes have names instead of only numbers."""
        return self.classes.tolist() != default_classes(len(self.classes))

    def take(self, rows: np.ndarray) -> ScoreTable:
        """The clips of these rows, in that order."""
        return ScoreTable(self.scores[rows], self.labels[rows], self.ids[rows], self.classes, self.kind)

    def save(self, path: str | Path) -> None:
        """Write a score file; an existing one is replaced once the new one is complete.

        Raises:
            ValueError: If the name does not end with ``.npz``.
        """
        path = _check_suffix(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f'{path.name}.partial')
        with partial.open('wb') as file:
            np.savez(file, **{name: getattr(self, name) for name in _FIELDS})
        os.replace(partial, path)

    @classmethod
    def load(cls, path: str | Path) -> ScoreTable:
        """Read a score file.

        Raises:
            FileNotFoundError: If there is no such file.
            BadFileError: If it is truncated, foreign or holds bad values; the message names the file.
        """
        content = read_arrays(path)
        with reading(path, 'a score file of mmactrep test --dump'):
            lacking = [name for name in _FIELDS if name not in content]
            if lacking:
                raise ValueError(f'it lacks {", ".join(lacking)} among {", ".join(map(shown, content))}')
            for name, (kinds, what) in _TYPES.items():
                if content[name].dtype.kind not in kinds:
                    raise ValueError(f"'{name}' holds {content[name].dtype}, expected {what}")
            # values beyond single precision become infinite, which check_scores reports by clip
            with np.errstate(over='ignore'):
                return cls(**{name: content[name] for name in _FIELDS})


def default_classes(num_classes: int) -> list[str]:
    """Numbers instead of class names."""
    return [str(i) for i in range(num_classes)]


def _check_suffix(path: str | Path) -> Path:
    if Path(path).suffix != '.npz':
        raise ValueError(f"a score file must end with '.npz', got '{path}'")
    return Path(path)


@METRICS.register_module()
class ScoreDump(BaseMetric):
    """Write the scores of all clips to a file that ``tools/analysis/fuse_scores.py`` reads.

    Clips are named by ``frame_dir`` of the data samples' meta information (so it has to be among the
    ``meta_keys`` of ``PackActionInputs``), or by a running index if none has it. Each clip is written once,
    in distributed runs too; if the data set repeats a clip id, the first is kept.

    Args:
        out_file_path: File to write, ``*.npz``; see :class:`ScoreTable`.
        collect_device: 'cpu' or 'gpu', where the processes' results are collected.
        collect_dir: Folder shared by the processes for collection on the CPU. Default: a temporary one.

    Raises:
        ValueError: If the file's name does not end with ``.npz``.
    """

    default_prefix = 'dump'

    def __init__(
        self, out_file_path: str, collect_device: str = 'cpu', collect_dir: str | None = None
    ) -> None:
        super().__init__(collect_device, collect_dir=collect_dir)
        self.out_file_path = _check_suffix(out_file_path)

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Keep the scores, labels and ids of one batch."""
        self.results.extend(read_prediction(sample) for sample in data_samples)

    def compute_metrics(self, results: list[Prediction]) -> dict:
        """Write the file.

        Returns:
            Nothing measured: an empty dictionary.
        """
        results = _once_each(results)
        scores = np.stack([prediction.scores for prediction in results])
        classes = (self.dataset_meta or {}).get('classes') or default_classes(scores.shape[1])
        # a model may have more outputs than the data set has classes, as after pre-training on others
        classes = [*classes, *(f'output_{i}' for i in range(len(classes), scores.shape[1]))]
        table = ScoreTable(
            scores=scores,
            labels=np.array([prediction.label for prediction in results]),
            ids=[prediction.clip_id for prediction in results],
            classes=classes,
        )
        table.save(self.out_file_path)
        print_log(f'{len(table)} clips: scores ({table.kind}) are in {self.out_file_path}', logger='current')
        return {}


def _once_each(results: list[Prediction]) -> list[Prediction]:
    """Drop repetitions; number the clips if none has an id."""
    unnamed = np.array([prediction.clip_id is None for prediction in results])
    if unnamed.all():
        return [replace(prediction, clip_id=str(i)) for i, prediction in enumerate(results)]
    if unnamed.any():
        raise ValueError(f'some clips have no id (frame_dir): {name_clips(unnamed)}')
    clips: dict[str, Prediction] = {}
    for prediction in results:
        first = clips.setdefault(prediction.clip_id, prediction)
        if first.label != prediction.label:
            raise ValueError(
                f"clip '{prediction.clip_id}' appears with the labels {first.label} and {prediction.label}"
            )
    return list(clips.values())
