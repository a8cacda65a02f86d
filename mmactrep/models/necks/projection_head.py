"""Projection heads of contrastive learning."""

from __future__ import annotations

from mmengine.model import BaseModule
from torch import Tensor, nn

from mmactrep.registry import MODELS


@MODELS.register_module()
class ProjectionHead(BaseModule):
    """φ of Eq. 4.8, a multi-layer perceptron on the last dimension: sequences, or each frame by itself.

    Linear, (batch norm,) ReLU, ..., Linear. It is discarded after pre-training.

    Args:
        in_channels (int): Channels of the features.
        hidden_channels (int, optional): Channels between the layers. Defaults to ``in_channels``.
        out_channels (int): Channels of the embedding. Defaults to 128.
        num_layers (int): Number of linear layers; LAC has 2, LTN 3. Defaults to 2.
        with_norm (bool): Whether there are batch norms before the ReLUs. Defaults to False.
        init_cfg (dict or list[dict], optional): MMEngine's initialization.

    Raises:
        ValueError: If ``num_layers`` is less than 1.
    """

    def __init__(
        self,
        in_channels: int,
        hidden_channels: int | None = None,
        out_channels: int = 128,
        num_layers: int = 2,
        with_norm: bool = False,
        init_cfg: dict | list[dict] | None = None,
    ) -> None:
        super().__init__(init_cfg=init_cfg)
        if num_layers < 1:
            raise ValueError(f'num_layers must be at least 1, got {num_layers}')
        self.in_channels = in_channels
        self.out_channels = out_channels
        widths = [in_channels, *[hidden_channels or in_channels] * (num_layers - 1), out_channels]
        layers: list[nn.Module] = []
        for i in range(num_layers):
            last = i == num_layers - 1
            layers.append(nn.Linear(widths[i], widths[i + 1], bias=last or not with_norm))
            if not last:
                layers += [nn.BatchNorm1d(widths[i + 1])] if with_norm else []
                layers.append(nn.ReLU(inplace=True))
        self.layers = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        """Map (..., C_in) to (..., C_out).

        Raises:
            ValueError: If the channels are not those of the head.
        """
        if x.shape[-1] != self.in_channels:
            raise ValueError(
                f'ProjectionHead was built for {self.in_channels} channels, found features {tuple(x.shape)}'
            )
        return self.layers(x.reshape(-1, self.in_channels)).reshape(*x.shape[:-1], self.out_channels)
