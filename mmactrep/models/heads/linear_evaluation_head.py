"""Classification of clips by a linear layer on frozen features."""

from __future__ import annotations

import torch
from mmaction.models import GCNHead, I3DHead
from torch import Tensor, nn

from mmactrep.models.backbones.encoder import pool_sequences
from mmactrep.registry import MODELS


@MODELS.register_module()
class LinearEvaluationHead(GCNHead):
    """mmaction2's ``GCNHead`` on features standardized to mean 0 and deviation 1 by training statistics.

    The scale of features differs between encoders by orders of magnitude, above all between random and
    trained ones. With a batch norm without weights before the linear layer, one learning rate suits them all,
    and the comparison is of features, not of learning rates. The classifier stays linear in them.

    Args:
        num_classes (int): Number of classes.
        in_channels (int): C' of the feature map.
        **kwargs: Arguments of ``GCNHead``.
    """

    def __init__(self, num_classes: int, in_channels: int, **kwargs) -> None:
        super().__init__(num_classes, in_channels, **kwargs)
        self.norm = nn.BatchNorm1d(in_channels, affine=False)

    def forward(self, x: Tensor, **kwargs) -> Tensor:
        """Scores (N, num_classes) of feature maps (N, M, C', T', V')."""
        features = self.norm(pool_sequences(x))
        return self.fc(features if self.dropout is None else self.dropout(features))


@MODELS.register_module()
class VideoLinearHead(I3DHead):
    """The same for videos: mmaction2's ``I3DHead`` on features standardized in this way.

    Args:
        num_classes (int): Number of classes.
        in_channels (int): C' of the feature map.
        dropout_ratio (float): Dropout on the features. Defaults to 0.
        **kwargs: Arguments of ``I3DHead``.
    """

    def __init__(self, num_classes: int, in_channels: int, dropout_ratio: float = 0.0, **kwargs) -> None:
        super().__init__(num_classes, in_channels, dropout_ratio=dropout_ratio, **kwargs)
        self.norm = nn.BatchNorm1d(in_channels, affine=False)

    def forward(self, x: Tensor, **kwargs) -> Tensor:
        """Scores (N, num_classes) of feature maps (N, C', T', H', W')."""
        features = self.norm(x.mean(dim=(2, 3, 4), dtype=torch.float32))
        return self.fc_cls(features if self.dropout is None else self.dropout(features))
