"""Heatmaps of joints and limbs for 3D networks: PoseC3D."""

from __future__ import annotations

import numpy as np
from mmaction.datasets.transforms import GeneratePoseTarget
from mmcv.transforms import BaseTransform

from mmactrep.registry import TRANSFORMS
from mmactrep.structures import SkeletonLayout

from .base import check_choice, read_layout, read_skeleton

#: Streams that can be drawn.
DRAWN = ('joint', 'bone')


@TRANSFORMS.register_module()
class FormatHeatmaps(BaseTransform):
    """Draw joints, or limbs, of normalized skeletons as heatmaps, by mmaction2's ``GeneratePoseTarget``.

    Coordinates in [-1, 1] (``BoxNormalize``) span the picture; all persons are drawn into the same one, so
    that they have no order. It takes the place of ``FormatSkeleton``.

    Added keys: ``imgs`` (num_clips, V, T, size, size) float32, and ``keypoint`` is removed.

    Args:
        size: Height and width of a heatmap in pixels.
        sigma: Deviation of the Gaussian in pixels.
        num_person: Persons that are drawn.
        margin: Share of the picture that is left free on each side, for what augmentation moves outside.
        layout: Layout where the clip names none, for limbs.
    """

    def __init__(
        self,
        size: int = 56,
        sigma: float = 0.6,
        num_person: int = 2,
        margin: float = 0.1,
        layout: str | SkeletonLayout | None = None,
    ) -> None:
        if size < 1 or not 0 <= margin < 0.5:
            raise ValueError(f'size must be at least 1 and margin in [0, 0.5), got {size} and {margin}')
        self.size = size
        self.sigma = sigma
        self.num_person = num_person
        self.margin = margin
        self.layout = layout

    def transform(self, results: dict) -> dict:
        """See the class."""
        stream = results.get('stream', 'joint')
        check_choice('stream of heatmaps', stream, DRAWN)
        keypoint, score = read_skeleton(results)
        pixels = ((keypoint[..., :2] + 1) / 2 * (1 - 2 * self.margin) + self.margin) * (self.size - 1)
        layout = read_layout(results, self.layout) if stream == 'bone' else None
        drawing = GeneratePoseTarget(
            sigma=self.sigma,
            with_kp=layout is None,
            with_limb=layout is not None,
            # a channel for each joint: its limb to its parent; the root, which has none, is a point
            skeletons=() if layout is None else tuple(enumerate(layout.parent_indices)),
        )
        pictures = drawing.gen_an_aug(
            dict(
                keypoint=pixels[: self.num_person],
                keypoint_score=score[: self.num_person].astype(np.float32),
                img_shape=(self.size, self.size),
            )
        )  # (num_clips * T, V, H, W)
        clips = results.get('num_clips', 1)
        pictures = pictures.reshape(clips, -1, *pictures.shape[1:]).swapaxes(1, 2)
        results['imgs'] = np.ascontiguousarray(pictures, np.float32)
        results['img_shape'] = (self.size, self.size)
        results.pop('keypoint', None)
        results.pop('keypoint_score', None)
        return results
