"""Latent time navigation: features that know when in the video their clip is (thesis, 5.3.2)."""

from __future__ import annotations

from itertools import pairwise

import torch
from mmengine.model import BaseModule
from torch import Tensor, nn

from mmactrep.models.layers.orthogonal_dictionary import OrthogonalDictionary
from mmactrep.registry import MODELS

#: Columns of (start, end, length) that the time encoder sees.
TIMES = {'start': (0,), 'start-end-length': (0, 1, 2)}
VARIANTS = (1, 2, 3)


class TimeEncoder(nn.Module):
    """ε(dt, f) = MLP([MLP(dt), f]), Eq. 5.2.

    The inner MLP has a batch norm at its beginning and ``num_layers`` linear layers with ReLUs between them.
    Its hidden layers have ``hidden_channels``, its last one ``out_channels`` as in the release; with a single
    layer that has ``hidden_channels``, or Table 5.3 could not vary its width. The outer MLP has two layers,
    the hidden one as wide as its input, as in the release.

    Args:
        channels: dim of f.
        out_channels: Numbers of ε.
        num_times: Numbers that a time consists of.
        num_layers: #Layers of Table 5.3.
        hidden_channels: #Dimensions of Table 5.3.

    Raises:
        ValueError: If ``num_layers`` is less than 1.
    """

    def __init__(
        self,
        channels: int,
        out_channels: int,
        num_times: int = 1,
        num_layers: int = 2,
        hidden_channels: int = 2048,
    ) -> None:
        super().__init__()
        if num_layers < 1:
            raise ValueError(f'a time encoder has at least one layer, got num_layers={num_layers}')
        widths = [num_times, *[hidden_channels] * (num_layers - 1)]
        widths.append(hidden_channels if num_layers == 1 else out_channels)
        layers: list[nn.Module] = [nn.BatchNorm1d(num_times)]
        for number, (before, after) in enumerate(pairwise(widths)):
            layers += [nn.ReLU(inplace=True)] if number else []
            layers.append(nn.Linear(before, after))
        self.of_time = nn.Sequential(*layers)
        joint = widths[-1] + channels
        self.of_both = nn.Sequential(
            nn.Linear(joint, joint), nn.ReLU(inplace=True), nn.Linear(joint, out_channels)
        )

    def forward(self, features: Tensor, times: Tensor) -> Tensor:
        """ε of f (N, dim) and times (N, num_times) in seconds: (N, out_channels)."""
        return self.of_both(torch.cat([self.of_time(times), features], dim=1))


@MODELS.register_module()
class LatentTimeNavigation(BaseModule):
    """LTN: moves features f along a time-encoded subspace to where their clip's time is (Fig. 5.2 (b)).

    D_t = (d_1, ..., d_M) are M learnable orthonormal directions of the latent space (Eq. 5.1). Contrastive
    learning compares f*, so that f itself must keep what changes with time, along D_t, while the rest stays
    invariant. The module stands between pooling and projection head, in the encoder of queries and in that
    of keys; like the head it is discarded after pre-training.

    * Variant 1, linear addition: f* = f + ε, ε (N, dim), without D_t (Eq. 5.3).
    * Variant 2, attention: f* = f · Σ_i w_i d_i, element by element, w = Softmax(ε), ε (N, M) (Eq. 5.4).
    * Variant 3, linear transformation: f* = f + Σ_i a_i d_i = f + A D_tᵀ, A = ε (N, M) (Eq. 5.5).

    Args:
        channels (int): dim of f. Defaults to 2048.
        num_directions (int): M. Variant 1 has no directions. Defaults to 64.
        variant (int): 1, 2 or 3. Defaults to 3.
        times (str): What the time encoder sees of a clip: ``'start'``, the absolute start in seconds (the
            thesis), or ``'start-end-length'`` (the release). Defaults to ``'start'``.
        orthogonal (bool): Whether D_t is orthonormalized in every forward pass. Defaults to True.
        num_layers (int): Layers of the time encoder's inner MLP. Defaults to 2.
        hidden_channels (int): Width of its hidden layers. Defaults to 2048.
        init_cfg (dict or list[dict], optional): MMEngine's initialization.

    Raises:
        ValueError: If the variant or the kind of times is unknown, or M is not in [1, dim].
    """

    def __init__(
        self,
        channels: int = 2048,
        num_directions: int = 64,
        variant: int = 3,
        times: str = 'start',
        orthogonal: bool = True,
        num_layers: int = 2,
        hidden_channels: int = 2048,
        init_cfg: dict | list[dict] | None = None,
    ) -> None:
        super().__init__(init_cfg=init_cfg)
        if variant not in VARIANTS:
            raise ValueError(f'variant must be one of {VARIANTS}, got {variant!r}')
        if times not in TIMES:
            raise ValueError(f'times must be one of {tuple(TIMES)}, got {times!r}')
        self.channels = channels
        self.variant = variant
        self.columns = TIMES[times]
        self.directions = None
        if variant != 1:
            self.directions = OrthogonalDictionary(channels, num_directions, orthonormalize=orthogonal)
        self.encoder = TimeEncoder(
            channels,
            channels if variant == 1 else num_directions,
            len(self.columns),
            num_layers,
            hidden_channels,
        )

    def forward(self, features: Tensor, times: Tensor) -> Tensor:
        """f* of features and the times of their clips.

        Args:
            features: f, (N, dim).
            times: (N, 3): start, end and length of each clip in seconds, from the beginning of its video.

        Returns:
            (N, dim) float32.

        Raises:
            ValueError: If a shape is wrong.
        """
        if features.dim() != 2 or features.shape[1] != self.channels or times.shape != (len(features), 3):
            raise ValueError(
                f'expected features (N, {self.channels}) and times (N, 3), found {tuple(features.shape)} and '
                f'{tuple(times.shape)}'
            )
        encoded = self.encoder(features, times[:, list(self.columns)].float())
        # seconds and directions have more digits than bfloat16
        with torch.autocast(features.device.type, enabled=False):
            features, encoded = features.float(), encoded.float()
            if self.variant == 1:
                return features + encoded
            directions = self.directions()
            if self.variant == 2:
                return features * (encoded.softmax(dim=1) @ directions.T)
            return features + encoded @ directions.T
