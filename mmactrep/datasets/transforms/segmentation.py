"""What segmentation adds to the formatting of clips."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from mmactrep.registry import TRANSFORMS

from .base import clip_name
from .formatting import PackSkeletonInputs


@TRANSFORMS.register_module()
class PackSegmentationInputs(PackSkeletonInputs):
    """:class:`PackSkeletonInputs` with a label for every frame: ``gt_frames`` (T, K) of the data sample.

    Args:
        meta_keys: Keys of the dictionary that the data sample carries where they are present.
        **kwargs: Arguments of ``PackActionInputs``.
    """

    def __init__(
        self,
        meta_keys: Sequence[str] = (
            'frame_dir',
            'img_shape',
            'valid_frames',
            'clip_window',
            'sequence',
            'num_windows',
            'sequence_segments',
        ),
        **kwargs,
    ) -> None:
        super().__init__(meta_keys=meta_keys, **kwargs)

    def transform(self, results: dict) -> dict:
        """Pack ``keypoint`` (1, M, T, V, C) and ``frame_labels`` (T, K)."""
        labels = results.get('frame_labels')
        frames = results['keypoint'].shape[2]
        if labels is not None and len(labels) != frames:
            raise ValueError(
                f'{clip_name(results)}: {frames} frames but labels for {len(labels)}; a pipeline for '
                'segmentation must not select frames'
            )
        packed = super().transform(results)
        if labels is not None:
            packed['data_samples'].gt_frames = torch.as_tensor(labels, dtype=torch.float32)
        return packed
