"""Skeleton-based temporal action segmentation (thesis, sections 4.3.2 and 4.5)."""

from __future__ import annotations

from mmaction.models.recognizers import RecognizerGCN
from torch import Tensor

from mmactrep.registry import MODELS


@MODELS.register_module()
class SkeletonSegmentor(RecognizerGCN):
    """A skeleton encoder and a classifier of every frame, trained end to end on windows.

    It takes windows (N, 1, M, T, V, C) and gives every data sample ``pred_frames`` (T, K). With
    ``FreezeHook(modules=['backbone'])`` the classifier alone is trained. Windows of a long sequence are
    merged by :class:`WindowMerger`, in ``SegmentationMetric`` or in ``mmactrep.apis``.

    Args:
        backbone (dict): Gives feature maps (N, M, C', T', V'): ``UNIK``, with temporal strides of 1 (Table
            4.1) or more.
        cls_head (dict): ``FrameHead``.
        **kwargs: Arguments of mmaction2's ``RecognizerGCN``.

    Raises:
        ValueError: If the backbone's temporal strides are not the head's.
    """

    def __init__(self, backbone: dict, cls_head: dict, **kwargs) -> None:
        super().__init__(backbone=backbone, cls_head=cls_head, **kwargs)
        stride = 1
        for block in getattr(self.backbone, 'blocks', ()):
            stride *= getattr(block, 'stride', 1)
        if stride != self.cls_head.stride:
            raise ValueError(
                f'the backbone gives a feature for every {stride} frames, cls_head.stride is '
                f'{self.cls_head.stride}'
            )

    def frame_logits(self, inputs: Tensor) -> Tensor:
        """Windows (N, M, T, V, C) to logits (N, T, K)."""
        return self.cls_head(self.backbone(inputs), inputs.shape[2])

    def predict(self, inputs: Tensor, data_samples: list, **kwargs) -> list:
        """Windows (N, 1, M, T, V, C): every data sample gets ``pred_frames`` (T, K), probabilities."""
        _check_one_window(inputs)
        feats, _ = self.extract_feat(inputs)
        return self.cls_head.predict(feats, data_samples, length=inputs.shape[3])

    def loss(self, inputs: Tensor, data_samples: list, **kwargs) -> dict[str, Tensor]:
        """Loss of windows (N, 1, M, T, V, C)."""
        _check_one_window(inputs)
        feats, _ = self.extract_feat(inputs)
        return self.cls_head.loss(feats, data_samples)


def _check_one_window(inputs: Tensor) -> None:
    if inputs.dim() != 6 or inputs.shape[1] != 1:
        raise ValueError(
            f'expected one window a sample, (N, 1, M, T, V, C), found a tensor of shape {tuple(inputs.shape)}'
        )
