"""Classification by statistics over persons and frames, in which persons have no order."""

from __future__ import annotations

import torch
from mmaction.models import GCNHead
from torch import Tensor

from mmactrep.registry import MODELS


def person_statistics(x: Tensor) -> Tensor:
    """Mean and largest value over time of features pooled over joints; their mean and spread over persons.

    Args:
        x: Feature maps (N, M, C', T', V').

    Returns:
        (N, 4 C'): means over the persons, then the deviations from them, which tell two equal roles (a hug)
        from two different ones (a kick). No entry depends on the order of the persons.
    """
    frames = x.float().mean(dim=4)
    pooled = torch.cat([frames.mean(dim=3), frames.amax(dim=3)], dim=2)  # (N, M, 2 C')
    middle = pooled.mean(dim=1)
    spread = (pooled - middle[:, None]).abs().mean(dim=1)
    return torch.cat([middle, spread], dim=1)


@MODELS.register_module()
class PersonStatisticsHead(GCNHead):
    """mmaction2's ``GCNHead`` on :func:`person_statistics`, standardized by a batch norm.

    Args:
        num_classes (int): Number of classes.
        in_channels (int): C' of the feature map.
        **kwargs: Arguments of ``GCNHead``.
    """

    def __init__(self, num_classes: int, in_channels: int, **kwargs) -> None:
        super().__init__(num_classes, 4 * in_channels, **kwargs)
        self.norm = torch.nn.BatchNorm1d(4 * in_channels, affine=False)

    def forward(self, x: Tensor, **kwargs) -> Tensor:
        """Scores (N, num_classes) of feature maps (N, M, C', T', V')."""
        features = self.norm(person_statistics(x))
        return self.fc(features if self.dropout is None else self.dropout(features))
