"""Accuracy and related figures of single-label classification, as an MMEngine metric."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from mmengine.evaluator import BaseMetric

from mmactrep.evaluation.functional import classification_metrics
from mmactrep.registry import METRICS


@dataclass(frozen=True, eq=False)
class Prediction:
    """One clip's scores (K,) float32, label, and id (None where the data have none)."""

    scores: np.ndarray
    label: int
    clip_id: str | None


def read_prediction(data_sample: dict) -> Prediction:
    """Read what metrics need from a data sample of mmaction2.

    Args:
        data_sample: ``ActionDataSample`` as a dictionary, as MMEngine's evaluator passes it, with
            ``pred_score`` (K,), ``gt_label`` (1,) and optionally the clip id as ``frame_dir``.

    Raises:
        ValueError: If there are scores of several windows, several labels, or NaN or infinite scores;
            the message names the clip.
    """
    clip_id = data_sample.get('frame_dir')
    clip = 'a clip' if clip_id is None else f"clip '{clip_id}'"
    scores = torch.as_tensor(data_sample['pred_score']).detach().float().cpu()
    label = torch.as_tensor(data_sample['gt_label']).flatten()
    if scores.ndim != 1:
        raise ValueError(
            f'{clip}: expected one score per class, found shape {tuple(scores.shape)}; '
            "set the head's average_clips to 'prob' or 'score' to average over windows"
        )
    if len(label) != 1:
        raise ValueError(f'{clip}: expected one label, found {label.tolist()}')
    if not torch.isfinite(scores).all():
        raise ValueError(f'{clip}: the model gave NaN or infinite scores')
    return Prediction(scores.numpy(), int(label), None if clip_id is None else str(clip_id))


@METRICS.register_module()
class ClassificationMetric(BaseMetric):
    """Top-k, mean per-class accuracy, precision, recall and F-score of trimmed clips.

    In distributed runs MMEngine collects the clips of all processes and drops those that the sampler
    repeated to fill the last batch, so the numbers are those of one process.

    Args:
        items: Metrics to compute, of ``top<k>``, ``mean_class_accuracy``, ``precision``, ``recall`` and
            ``f_score``; see :mod:`mmactrep.evaluation.functional`. ``top5`` is 1 with fewer than 5 classes.
        collect_device: 'cpu' or 'gpu', where the processes' results are collected.
        prefix: Prefix of the names. Default: ``acc``, that of mmaction2's ``AccMetric``, so
            ``save_best='acc/top1'`` works for both.
        collect_dir: Folder shared by the processes for collection on the CPU. Default: a temporary one.

    Raises:
        ValueError: If an item is unknown.
    """

    default_prefix = 'acc'
    _NAMES = ('mean_class_accuracy', 'precision', 'recall', 'f_score')

    def __init__(
        self,
        items: Sequence[str] = ('top1', 'top5', 'mean_class_accuracy'),
        collect_device: str = 'cpu',
        prefix: str | None = None,
        collect_dir: str | None = None,
    ) -> None:
        super().__init__(collect_device, prefix, collect_dir)
        self.items = tuple(items)
        self.topk = tuple(int(item[3:]) for item in self.items if _is_top_k(item))
        unknown = [item for item in self.items if item not in self._NAMES and not _is_top_k(item)]
        if unknown or not self.items:
            raise ValueError(f'unknown metrics {unknown}; choose from top<k>, {", ".join(self._NAMES)}')

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Keep the scores and labels of one batch."""
        self.results.extend(read_prediction(sample) for sample in data_samples)

    def compute_metrics(self, results: list[Prediction]) -> dict[str, float]:
        """Compute the items over the whole data set, all in [0, 1]."""
        scores = np.stack([prediction.scores for prediction in results])
        labels = np.array([prediction.label for prediction in results])
        values = classification_metrics(scores, labels, self.topk)
        return {item: values[item] for item in self.items}


def _is_top_k(item: str) -> bool:
    return item.startswith('top') and item[3:].isdecimal() and int(item[3:]) > 0
