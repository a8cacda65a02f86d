"""CLIP's transformer (Radford et al. 2021), which both towers of ViCLIP stand on.

Modules are named as in the official checkpoints.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

#: Hidden channels of a block's perceptron for each of its own.
_EXPANSION = 4


class QuickGELU(nn.Module):
    """``x σ(1.702 x)``, the approximation of GELU that CLIP was trained with."""

    def forward(self, x: Tensor) -> Tensor:
        """Of any shape."""
        return x * torch.sigmoid(1.702 * x)


class ResidualAttentionBlock(nn.Module):
    """Self-attention and perceptron, each behind its layer norm and beside a residual connection.

    Args:
        width: Channels of a token.
        heads: Attention heads.
    """

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.ln_1 = nn.LayerNorm(width)
        self.attn = nn.MultiheadAttention(width, heads, batch_first=True)
        self.ln_2 = nn.LayerNorm(width)
        self.mlp = nn.Sequential()
        self.mlp.add_module('c_fc', nn.Linear(width, _EXPANSION * width))
        self.mlp.add_module('gelu', QuickGELU())
        self.mlp.add_module('c_proj', nn.Linear(_EXPANSION * width, width))

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Tokens (N, L, width); ``mask`` (L, L) is true where a row's token must not see a column's."""
        normed = self.ln_1(x)
        x = x + self.attn(normed, normed, normed, need_weights=False, attn_mask=mask)[0]
        return x + self.mlp(self.ln_2(x))


class CLIPTransformer(nn.Module):
    """A stack of :class:`ResidualAttentionBlock`.

    Args:
        width: Channels of a token.
        layers: Number of blocks.
        heads: Attention heads.
    """

    def __init__(self, width: int, layers: int, heads: int) -> None:
        super().__init__()
        self.resblocks = nn.ModuleList(ResidualAttentionBlock(width, heads) for _ in range(layers))

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Tokens (N, L, width), see :class:`ResidualAttentionBlock`."""
        for block in self.resblocks:
            x = block(x, mask)
        return x
