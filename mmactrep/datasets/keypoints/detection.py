"""True or pseudo-true poses for mmdet's detectors: COCO files, and transforms that move joints too."""

from __future__ import annotations

import numpy as np
from mmcv.transforms import LoadAnnotations, RandomFlip, Resize

import mmactrep.registry  # noqa: F401  what mmdet needs to be imported
from mmactrep.structures import SkeletonLayout, get_layout

# isort: split
from mmdet.datasets import CocoDataset
from mmdet.datasets.transforms import PackDetInputs
from mmdet.registry import DATASETS, TRANSFORMS

from .coco_file import LayoutCocoFile, map_joints


@DATASETS.register_module()
class PoseDetectionDataset(LayoutCocoFile, CocoDataset):
    """A COCO file with poses of any layout, one sample a picture with its persons.

    Args:
        layout: Layout of the student's joints, or its name.
        source: Layout of the file. Default: the same; otherwise its joints are mapped.
        **kwargs: Arguments of ``CocoDataset``.

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
        joints = dict(enumerate(self.layout.joints))
        metainfo = dict(classes=('person',), palette=[(220, 20, 60)], keypoint_id2name=joints)
        metainfo['skeleton_links'] = [list(bone) for bone in self.layout.bones]
        super().__init__(metainfo=metainfo, **kwargs)

    def parse_data_info(self, raw_data_info: dict) -> dict:
        """See ``CocoDataset``; every instance has its ``keypoints``."""
        picture = raw_data_info['raw_img_info']
        keep = [each for each in raw_data_info['raw_ann_info'] if self._is_usable(each, picture)]
        found = super().parse_data_info(dict(raw_data_info, raw_ann_info=keep))
        for instance, annotation in zip(found['instances'], keep, strict=True):
            joints = map_joints(annotation['keypoints'], self._mapping)
            instance['keypoints'] = joints
            # a person without joints is neither truth nor background
            instance['ignore_flag'] = int(instance['ignore_flag'] or not joints[:, 2].any())
        return found

    def _is_usable(self, annotation: dict, picture: dict) -> bool:
        """Whether ``CocoDataset`` makes an instance of an annotation: it has a box inside the picture."""
        x, y, width, height = annotation['bbox']
        inside = min(x + width, picture['width']) > max(x, 0) and min(y + height, picture['height']) > max(
            y, 0
        )
        return (
            inside
            and min(width, height) >= 1
            and annotation['area'] > 0
            and annotation['category_id'] in self.cat_ids
            and not annotation.get('ignore', False)
        )


@TRANSFORMS.register_module()
class LoadPoses(LoadAnnotations):
    """``gt_bboxes`` (N, 4), ``gt_keypoints`` (N, V, 3: x, y, seen), labels 0, and who is to be ignored."""

    def __init__(self) -> None:
        super().__init__(with_keypoints=True)

    def transform(self, results: dict) -> dict:
        """Load the annotations of a picture, if it has any: a frame to find persons in has none."""
        if 'instances' not in results:
            return results
        results = super().transform(results)
        ignored = [instance['ignore_flag'] for instance in results['instances']]
        results['gt_ignore_flags'] = np.array(ignored, dtype=bool)
        return results


@TRANSFORMS.register_module()
class ResizePoses(Resize):
    """mmcv's ``Resize``, with joints outside the picture left where they are."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **{**kwargs, 'clip_object_border': False})


@TRANSFORMS.register_module()
class FlipPoses(RandomFlip):
    """mmcv's ``RandomFlip`` to the other side, which makes left joints right ones.

    Args:
        layout: Layout of the joints, or its name.
        prob: Share of pictures that are flipped.
    """

    def __init__(self, layout: str | SkeletonLayout = 'lcrnet13', prob: float = 0.5) -> None:
        super().__init__(prob=prob, direction='horizontal')
        self._order = list(get_layout(layout).flip_order)

    def _flip_keypoints(
        self, keypoints: np.ndarray, img_shape: tuple[int, int], direction: str
    ) -> np.ndarray:
        return super()._flip_keypoints(keypoints, img_shape, direction)[:, self._order]


@TRANSFORMS.register_module()
class PackPoses(PackDetInputs):
    """mmdet's ``PackDetInputs``, with ``keypoints`` among the instances."""

    mapping_table = PackDetInputs.mapping_table | {'gt_keypoints': 'keypoints'}
