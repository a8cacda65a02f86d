"""The momentum encoder: an exponential moving average of the trained encoder."""

from __future__ import annotations

import torch
from mmengine.model import BaseAveragedModel
from torch import Tensor, nn


class MomentumEncoder(BaseAveragedModel):
    """Keys come from θ_k = m θ_k + (1 - m) θ_q, a slowly moving copy of the encoder (MoCo).

    The first update copies the encoder, so that weights loaded after construction take effect. Floating-point
    buffers (batch norm statistics) are averaged like parameters, others are copied.

    MMEngine's class calls the complement momentum, and keeps references to old buffers when the model moves
    to another device; hence the separate update here.

    Args:
        model: The trained encoder; it is copied.
        momentum: m in [0, 1]. ``MomentumScheduleHook`` changes it.

    Raises:
        ValueError: If the momentum is outside [0, 1].
    """

    def __init__(self, model: nn.Module, momentum: float = 0.994) -> None:
        if not 0 <= momentum <= 1:
            raise ValueError(f'momentum must be in [0, 1], got {momentum}')
        super().__init__(model)
        self.avg_parameters = None
        self.momentum = momentum

    def avg_func(self, averaged_param: Tensor, source_param: Tensor, steps: int) -> None:
        """Update one tensor of the average, in place."""
        averaged_param.lerp_(source_param, 1 - self.momentum)

    @torch.no_grad()
    def update_parameters(self, model: nn.Module) -> None:
        """Move the average one step towards the model.

        Args:
            model: The encoder, with the structure that was copied.
        """
        source = model.state_dict()
        first = int(self.steps) == 0
        for name, value in self.module.state_dict().items():
            if first or not value.is_floating_point():
                value.copy_(source[name])
            else:
                self.avg_func(value, source[name], self.steps)
        self.steps += 1
