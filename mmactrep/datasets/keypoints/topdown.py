"""True or pseudo-true poses for mmpose's top-down models, weighted by their confidence."""

from __future__ import annotations

import numpy as np
from mmcv.transforms import BaseTransform

import mmactrep.registry  # noqa: F401  what mmpose needs to be imported
from mmactrep.structures import SkeletonLayout

# isort: split
from mmpose.datasets.datasets.base import BaseCocoStyleDataset
from mmpose.datasets.datasets.utils import parse_pose_metainfo
from mmpose.registry import DATASETS, TRANSFORMS

from .coco_file import LayoutCocoFile, map_joints, mmpose_metainfo


@DATASETS.register_module()
class TopdownPoseDataset(LayoutCocoFile, BaseCocoStyleDataset):
    """A COCO file with poses of any layout, one sample a person; ignored persons are left out.

    A sample has mmpose's keys and ``pose_confidence``, C of Eq. 3.4, 1 for true poses.

    Args:
        layout: Layout of the student's joints, or its name.
        source: Layout of the file. Default: the same; otherwise its joints are mapped.
        **kwargs: Arguments of ``BaseCocoStyleDataset``.

    Raises:
        BadFileError: If the file is none, or of another layout.
    """

    def __init__(
        self,
        layout: str | SkeletonLayout = 'lcrnet13',
        source: str | SkeletonLayout | None = None,
        **kwargs,
    ) -> None:
        self.set_layouts(layout, source)
        kwargs.pop('metainfo', None)
        super().__init__(metainfo=mmpose_metainfo(self.layout), **kwargs)

    @classmethod
    def _load_metainfo(cls, metainfo: dict | None = None) -> dict:
        return parse_pose_metainfo(metainfo)

    def parse_data_info(self, raw_data_info: dict) -> dict | None:
        """See ``BaseCocoStyleDataset``; with the confidence."""
        found = super().parse_data_info(raw_data_info)
        if found is not None:
            joints = map_joints(raw_data_info['raw_ann_info']['keypoints'], self._mapping)
            found.update(keypoints=joints[None, :, :2], keypoints_visible=joints[None, :, 2])
            found['num_keypoints'] = int(joints[:, 2].sum())
            confidence = raw_data_info['raw_ann_info'].get('confidence', 1.0)
            found['pose_confidence'] = np.float32(confidence)
        return found


@TRANSFORMS.register_module()
class WeightByConfidence(BaseTransform):
    """Multiply the weights of the joints' losses by the confidence of the pose; after ``GenerateTarget``.

    The loss of a pose on which the experts agree counts fully, that of a doubtful one less.
    """

    def transform(self, results: dict) -> dict:
        """Weigh the targets ``keypoint_weights`` of a sample."""
        weights = results['keypoint_weights'] * results['pose_confidence']
        results['keypoint_weights'] = weights.astype(np.float32)
        return results
