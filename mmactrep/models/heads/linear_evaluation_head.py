"""Classification of clips by a linear layer on frozen features."""

from __future__ import annotations

from mmaction.models import GCNHead
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
