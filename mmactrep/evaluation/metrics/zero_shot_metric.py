"""Accuracy on classes that were not trained on, as an MMEngine metric."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from mmengine.evaluator import BaseMetric

from mmactrep.datasets.protocols import class_list
from mmactrep.evaluation.functional import zero_shot_metrics
from mmactrep.registry import METRICS

from .classification_metric import Prediction, read_prediction


@METRICS.register_module()
class ZeroShotMetric(BaseMetric):
    """Accuracies of zero-shot and generalized zero-shot recognition, see
    :func:`~mmactrep.evaluation.functional.zero_shot_metrics`.

    Args:
        seen: Names of the classes that were trained on, or the name of a published list,
            ``'penn_action/seen 1'``. The others of the data set are unseen.
        collect_device: 'cpu' or 'gpu', where the processes' results are collected.
        prefix: Prefix of the names. Default: ``zero_shot``.
        collect_dir: Folder shared by the processes for collection on the CPU. Default: a temporary one.
    """

    default_prefix = 'zero_shot'

    def __init__(
        self,
        seen: Sequence[str] | str = (),
        collect_device: str = 'cpu',
        prefix: str | None = None,
        collect_dir: str | None = None,
    ) -> None:
        super().__init__(collect_device, prefix, collect_dir)
        self.seen = class_list(seen)

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Keep the scores and labels of one batch."""
        self.results.extend(read_prediction(sample) for sample in data_samples)

    def compute_metrics(self, results: list[Prediction]) -> dict[str, float]:
        """Compute the accuracies over the whole data set, all in [0, 1].

        Raises:
            ValueError: If a seen class is not among those of the data set.
        """
        classes = list((self.dataset_meta or {}).get('classes') or ())
        absent = [name for name in self.seen if name not in classes]
        if absent:
            raise ValueError(f'seen: the data set has no class {absent[0]!r}')
        scores = np.stack([prediction.scores for prediction in results])
        labels = np.array([prediction.label for prediction in results])
        seen = np.isin(np.arange(scores.shape[1]), [classes.index(name) for name in self.seen])
        return zero_shot_metrics(scores, labels, seen)
