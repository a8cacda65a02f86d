"""ViCLIP's two networks (Wang et al. 2023): joint space-time attention on video, causal attention on text.

Parameters are named as in the official checkpoints, behind ``vision_encoder.`` and ``text_encoder.``.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .clip_transformer import CLIPTransformer


class VideoTower(nn.Module):
    """A vision transformer on all patches of all frames of a clip at once.

    A clip has one class token. Patches know their place in the frame and their frame; the class token has a
    place of its own, and no frame.

    Args:
        size: Side of the frames, pixels.
        patch: Side of a patch, pixels.
        num_frames: T.
        width: Channels of a token.
        layers: Number of blocks.
        heads: Attention heads.
        dimension: D.
    """

    def __init__(
        self, size: int, patch: int, num_frames: int, width: int, layers: int, heads: int, dimension: int
    ) -> None:
        super().__init__()
        self.conv1 = nn.Conv3d(3, width, (1, patch, patch), (1, patch, patch), bias=False)
        self.class_embedding = nn.Parameter(torch.zeros(width))
        self.positional_embedding = nn.Parameter(torch.zeros((size // patch) ** 2 + 1, width))
        self.temporal_positional_embedding = nn.Parameter(torch.zeros(1, num_frames, width))
        self.ln_pre = nn.LayerNorm(width)
        self.transformer = CLIPTransformer(width, layers, heads)
        self.ln_post = nn.LayerNorm(width)
        self.proj = nn.Parameter(torch.zeros(width, dimension))

    def forward(self, clips: Tensor) -> Tensor:
        """Features (N, D) of clips (N, 3, T, size, size)."""
        patches = self.conv1(clips).flatten(3).permute(0, 2, 3, 1)
        patches = patches + self.positional_embedding[1:] + self.temporal_positional_embedding[:, :, None]
        first = self.class_embedding + self.positional_embedding[0]
        tokens = torch.cat([first.expand(len(clips), 1, -1), patches.flatten(1, 2)], dim=1)
        tokens = self.transformer(self.ln_pre(tokens))
        return self.ln_post(tokens[:, 0]) @ self.proj


class TextTower(nn.Module):
    """CLIP's text transformer: every token sees those before it, the end of the text thus all of it.

    Args:
        vocabulary: Number of different tokens; the last one ends a text.
        context: Most tokens of a text.
        width: Channels of a token.
        layers: Number of blocks.
        heads: Attention heads.
        dimension: D.
    """

    def __init__(
        self, vocabulary: int, context: int, width: int, layers: int, heads: int, dimension: int
    ) -> None:
        super().__init__()
        self.token_embedding = nn.Embedding(vocabulary, width)
        self.positional_embedding = nn.Parameter(torch.zeros(context, width))
        self.transformer = CLIPTransformer(width, layers, heads)
        self.ln_final = nn.LayerNorm(width)
        self.text_projection = nn.Parameter(torch.zeros(width, dimension))
        later = torch.ones(context, context, dtype=torch.bool).triu(1)
        self.register_buffer('later', later, persistent=False)

    def forward(self, tokens: Tensor) -> Tensor:
        """Features (N, D) of tokens (N, L), 0 behind the end of a text."""
        end = tokens.argmax(dim=1)
        # nothing behind the longest text's end is seen by any end
        length = int(end.max()) + 1
        x = self.token_embedding(tokens[:, :length]) + self.positional_embedding[:length]
        x = self.ln_final(self.transformer(x, self.later[:length, :length]))
        return x[torch.arange(len(x), device=x.device), end] @ self.text_projection
