"""The error of retargeted motions compared with copying, as an MMEngine metric."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from mmengine.evaluator import BaseMetric

from mmactrep.evaluation.functional.retargeting import (
    code_distance,
    relative_change,
    root_centered,
    squared_joint_error,
)
from mmactrep.registry import METRICS
from mmactrep.structures import SkeletonLayout, check_joint_count, get_layout

_SEQUENCES = dict(mse='pred', copy_source='motion', copy_static='static')


@METRICS.register_module()
class RetargetingMetric(BaseMetric):
    """Mean squared joint error over characters, views and motions of the test split (thesis, Table 4.6).

    It takes the predictions of ``MotionRetargeter``: p(m, c') and p(m', c) of every pair, with their truths.
    Errors are means over frames, joints and coordinates, in squared units of the motion library; the path of
    the root is part of the coordinates and starts where the truth starts.

    ======================== ==============================================================================
    ``mse``                  of the retargeted motions
    ``copy_source``          of the baseline that copies p(m, c), the right motion on the wrong character
    ``copy_static``          of the baseline that copies p(m', c'), the right character in the wrong motion
    ``..._pose``             the same three without the path of the root: joints relative to the root
    ``motion_code_change``   how far the motion magnitudes moved when p(m, c'), made by changing the static
                             magnitudes only, is encoded again, as a share of the distance between the codes
                             of two motions
    ``static_code_change``   the same for the static magnitudes
    ======================== ==============================================================================

    Args:
        layout: Layout of the skeletons. Default: the one named by the predictions.
        collect_device: 'cpu' or 'gpu', where the processes' results are collected.
        prefix: Prefix of the names. Default: ``retargeting``.
        collect_dir: Folder shared by the processes for collection on the CPU. Default: a temporary one.

    Raises:
        KeyError: If the layout is unknown.
    """

    default_prefix = 'retargeting'

    def __init__(
        self,
        layout: str | dict | SkeletonLayout | None = None,
        collect_device: str = 'cpu',
        prefix: str | None = None,
        collect_dir: str | None = None,
    ) -> None:
        super().__init__(collect_device, prefix, collect_dir)
        self.layout = None if layout is None else get_layout(layout)

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Keep the errors of one batch."""
        self.results.extend(self._errors(sample) for sample in data_samples)

    def _errors(self, sample: dict) -> dict[str, float]:
        arrays = {
            key: np.asarray(value.detach().cpu() if hasattr(value, 'detach') else value)
            for key, value in sample.items()
            if key.endswith(('_keypoint', '_code'))
        }
        truth = arrays['gt_keypoint']
        layout = self.layout or get_layout(sample['layout'])
        check_joint_count(truth, layout, 'gt_keypoint')
        row = {}
        for name, kind in _SEQUENCES.items():
            keypoint = arrays[f'{kind}_keypoint']
            row[name] = squared_joint_error(keypoint, truth).mean()
            poses = (root_centered(x, layout) for x in (keypoint, truth))
            row[f'{name}_pose'] = squared_joint_error(*poses).mean()
        for kind in ('motion', 'static'):
            code, recovered = arrays[f'{kind}_code'], arrays[f'recovered_{kind}_code']
            row[f'{kind}_changed'] = code_distance(code, recovered)
            row[f'{kind}_different'] = code_distance(code, code[::-1])
        return row

    def compute_metrics(self, results: list[dict[str, float]]) -> dict[str, float]:
        """The figures above over the whole data set."""
        total = {name: float(np.mean([row[name] for row in results])) for name in results[0]}
        values = {name + end: total[name + end] for name in _SEQUENCES for end in ('', '_pose')}
        return values | {
            f'{kind}_code_change': relative_change(total[f'{kind}_changed'], total[f'{kind}_different'])
            for kind in ('motion', 'static')
        }
