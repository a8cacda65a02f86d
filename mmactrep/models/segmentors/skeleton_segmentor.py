"""Skeleton-based temporal action segmentation (thesis, sections 4.3.2 and 4.5)."""

from __future__ import annotations

from mmaction.models.recognizers import RecognizerGCN
from torch import Tensor

from mmactrep.models.backbones.encoder import check_encoder
from mmactrep.registry import MODELS


@MODELS.register_module()
class SkeletonSegmentor(RecognizerGCN):
    """A skeleton encoder and a frame classifier, trained end to end on windows.

    It takes windows (N, 1, M, T, V, C) and gives every data sample ``pred_frames`` (T, K). With
    ``FreezeHook(modules=['backbone'])`` only the classifier is trained. Windows of a long sequence are
    merged by :class:`WindowMerger`, in ``SegmentationMetric`` or in ``mmactrep.apis``.

    Args:
        backbone (dict): An encoder, see :class:`~mmactrep.models.SkeletonEncoder`: ``UNIK``, with temporal
            strides of 1 (Table 4.1) or more.
        cls_head (dict): ``FrameHead``.
        **kwargs: Arguments of mmaction2's ``RecognizerGCN``.

    Raises:
        TypeError: If the backbone is not such an encoder.
        ValueError: If its temporal stride or channels are not those of the head.
    """

    def __init__(self, backbone: dict, cls_head: dict, **kwargs) -> None:
        super().__init__(backbone=backbone, cls_head=cls_head, **kwargs)
        check_encoder(self.backbone, 'SkeletonSegmentor')
        if self.backbone.temporal_stride != self.cls_head.stride:
            raise ValueError(
                f'the backbone gives a feature for every {self.backbone.temporal_stride} frames, '
                f'cls_head.stride is {self.cls_head.stride}'
            )
        if self.backbone.feature_channels != self.cls_head.in_channels:
            raise ValueError(
                f'the backbone gives {self.backbone.feature_channels} channels, cls_head.in_channels is '
                f'{self.cls_head.in_channels}'
            )

    def frame_logits(self, inputs: Tensor) -> Tensor:
        """Logits (N, T, K) of windows (N, M, T, V, C)."""
        return self.cls_head(self.backbone.frame_features(inputs), inputs.shape[2])

    def predict(self, inputs: Tensor, data_samples: list, **kwargs) -> list:
        """Give every data sample of windows (N, 1, M, T, V, C) its ``pred_frames`` (T, K), probabilities."""
        features = self.backbone.frame_features(_only_window(inputs))
        return self.cls_head.predict(features, data_samples, length=inputs.shape[3])

    def loss(self, inputs: Tensor, data_samples: list, **kwargs) -> dict[str, Tensor]:
        """Loss of windows (N, 1, M, T, V, C)."""
        features = self.backbone.frame_features(_only_window(inputs))
        return self.cls_head.loss(features, data_samples)


def _only_window(inputs: Tensor) -> Tensor:
    """Remove the dimension of clips from (N, 1, M, T, V, C)."""
    if inputs.dim() != 6 or inputs.shape[1] != 1:
        raise ValueError(
            f'expected one window per sample, (N, 1, M, T, V, C), found a shape of {tuple(inputs.shape)}'
        )
    return inputs[:, 0]
