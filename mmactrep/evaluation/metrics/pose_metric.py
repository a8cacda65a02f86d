"""PCKh and head-normalized MPJPE of estimated skeletons, as an MMEngine metric."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from mmengine.evaluator import BaseMetric

from mmactrep.evaluation.functional import mpjpe, normalized_errors, pckh
from mmactrep.registry import METRICS
from mmactrep.structures import SkeletonLayout, check_joint_count, get_layout, joint_scores
from mmactrep.structures.body_length import body_length, check_normalizer


@METRICS.register_module()
class PoseMetric(BaseMetric):
    """PCKh at several thresholds and MPJPE, over all joints of all bodies (thesis 3.6.1).

    A data sample is a dictionary with ``pred_keypoint`` and ``gt_keypoint`` (..., V, C), arrays or tensors,
    and ``pred_keypoint_score`` and ``gt_keypoint_score`` (..., V), 0 for missing joints; without scores, a
    joint is missing if its coordinates are 0. See :mod:`mmactrep.evaluation.functional.pose` for how missing
    joints count.

    Args:
        layout: Layout of the joints, or its name.
        thresholds: Thresholds of PCKh in head lengths; each gives ``PCKh@<threshold>``.
        normalizer: What counts as the head length: 'head_neck' as in the thesis, 'shoulders' or 'box'; see
            :func:`~mmactrep.structures.body_length.body_length`. It is measured on the truth.
        collect_device: 'cpu' or 'gpu', where the processes' results are collected.
        prefix: Prefix of the names. Default: ``pose``.
        collect_dir: Folder shared by the processes for collection on the CPU. Default: a temporary one.

    Raises:
        KeyError: If the layout is unknown.
        ValueError: If the normalizer is unknown, or a threshold is not positive.
    """

    default_prefix = 'pose'

    def __init__(
        self,
        layout: str | dict | SkeletonLayout,
        thresholds: Sequence[float] = (0.5,),
        normalizer: str = 'head_neck',
        collect_device: str = 'cpu',
        prefix: str | None = None,
        collect_dir: str | None = None,
    ) -> None:
        super().__init__(collect_device, prefix, collect_dir)
        self.layout = get_layout(layout)
        self.thresholds = tuple(thresholds)
        self.normalizer = check_normalizer(normalizer)
        if not all(threshold > 0 for threshold in self.thresholds):
            raise ValueError(f'thresholds of PCKh must be above 0, found {self.thresholds}')

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Keep the joints' errors of one batch."""
        self.results.extend(self._errors(sample) for sample in data_samples)

    def _errors(self, sample: dict) -> np.ndarray:
        arrays = {}
        for name in ('pred', 'gt'):
            keypoint = np.asarray(sample[f'{name}_keypoint'])
            check_joint_count(keypoint, self.layout, f'{name}_keypoint')
            score = sample.get(f'{name}_keypoint_score')
            arrays[name] = keypoint, joint_scores(keypoint, score)
        (prediction, score), (truth, truth_score) = arrays['pred'], arrays['gt']
        length = body_length(truth, truth_score, self.layout, self.normalizer)
        errors = normalized_errors(prediction, truth, score, truth_score, length)
        return errors.reshape(-1, self.layout.num_joints)

    def compute_metrics(self, results: list[np.ndarray]) -> dict[str, float]:
        """``PCKh@<threshold>`` in [0, 1] and ``MPJPE`` in head lengths over the whole data set."""
        errors = np.concatenate(results)
        values = {f'PCKh@{threshold:g}': float(pckh(errors, threshold)) for threshold in self.thresholds}
        return values | dict(MPJPE=float(mpjpe(errors)))
