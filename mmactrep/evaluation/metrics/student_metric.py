"""PCKh of students that mmpose's or mmdet's data loaders feed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mmactrep.registry import METRICS
from mmactrep.structures.poses import boxes_around

from .pose_metric import PoseMetric


@METRICS.register_module()
class StudentMetric(PoseMetric):
    """:class:`PoseMetric` on the instances of mmpose's and mmdet's data samples.

    Of the predicted persons, the one counts whose box overlaps the true one most; where none does, all joints
    are missed. True persons whom training ignores are not among ``gt_instances`` and do not count.

    Args:
        **kwargs: See :class:`PoseMetric`.
    """

    def process(self, data_batch: Any, data_samples: Sequence[Mapping]) -> None:
        """Keep the joints' errors of one batch."""
        for sample in data_samples:
            true, found = (_instances(sample[f'{kind}_instances']) for kind in ('gt', 'pred'))
            for keypoint, score in zip(*true):
                match = best_match(keypoint, score, *found)
                pose = np.zeros_like(keypoint), np.zeros_like(score)
                pose = pose if match is None else (found[0][match], found[1][match])
                self.results.append(
                    self._errors(
                        dict(
                            pred_keypoint=pose[0],
                            pred_keypoint_score=pose[1],
                            gt_keypoint=keypoint,
                            gt_keypoint_score=score,
                        )
                    )
                )


def best_match(keypoint: np.ndarray, score: np.ndarray, poses: np.ndarray, scores: np.ndarray) -> int | None:
    """Of poses (P, V, 2) and scores (P, V), the one whose box overlaps that of (V, 2), (V,) most, or None."""
    if not len(poses):
        return None
    box, others = boxes_around(keypoint, score), boxes_around(poses, scores)
    inside = np.minimum(box[2:], others[:, 2:]) - np.maximum(box[:2], others[:, :2])
    inside = np.maximum(inside, 0).prod(axis=1)
    whole = (box[2:] - box[:2]).prod() + (others[:, 2:] - others[:, :2]).prod(axis=1) - inside
    overlap = inside / np.maximum(whole, 1e-9)
    return int(overlap.argmax()) if overlap.max() > 0 else None


def _instances(instances: Mapping) -> tuple[np.ndarray, np.ndarray]:
    """Joints (P, V, 2) and scores (P, V) of mmpose's or mmdet's instances."""

    def array(value) -> np.ndarray:
        return np.asarray(value.cpu() if hasattr(value, 'cpu') else value, np.float64)

    keypoint = array(instances['keypoints'])
    if keypoint.shape[-1] == 3:
        return keypoint[..., :2], keypoint[..., 2]
    score = instances.get('keypoint_scores')
    if score is None:
        score = instances['keypoints_visible']
    return keypoint, np.maximum(array(score), 0)
