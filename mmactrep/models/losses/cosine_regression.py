"""BYOL's loss: predictions of embeddings are regressed on them."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmactrep.registry import MODELS


@MODELS.register_module()
class CosineRegression(nn.Module):
    """(1 - cos(q, z)) / Temp, the mean over pairs of views.

    With Temp = 0.5 it is BYOL's squared distance of unit vectors, ‖q̄ - z̄‖² = 2 - 2 cos(q, z).

    Args:
        temperature (float): Temp. Defaults to 0.5.

    Raises:
        ValueError: If the temperature is not positive.
    """

    def __init__(self, temperature: float = 0.5) -> None:
        super().__init__()
        if temperature <= 0:
            raise ValueError(f'temperature must be positive, got {temperature}')
        self.temperature = temperature

    def forward(self, predictions: Tensor, targets: Tensor) -> Tensor:
        """Mean over rows and over pairs (i, j), i != j, of a prediction and the target of another view.

        Args:
            predictions: q, (N, I, D), predicted from views 0 to I - 1 of every row.
            targets: z, (N, V, D), of all V views; without gradient.

        Returns:
            The loss.

        Raises:
            ValueError: If a prediction has no target of another view.
        """
        if targets.shape[1] < 2 or predictions.shape[1] > targets.shape[1]:
            raise ValueError(
                f'expected predictions of up to as many views as there are targets, 2 or more, found '
                f'{tuple(predictions.shape)} and {tuple(targets.shape)}'
            )
        with torch.autocast(predictions.device.type, enabled=False):
            q, z = F.normalize(predictions.float(), dim=-1), F.normalize(targets.float(), dim=-1)
            distance = 1 - torch.einsum('nid,njd->nij', q, z)
            other = ~torch.eye(q.shape[1], z.shape[1], dtype=torch.bool, device=q.device)
            return distance[:, other].mean() / self.temperature
