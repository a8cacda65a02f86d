"""Temporal convolutions from which motion generators are built (thesis, Table 4.1)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

STRIDE = 8
"""Frames that share one step of the latent sequence: three convolutions of stride 2."""

MIN_LENGTH = 16
"""Minimum number of input frames: three frames of reflection padding must fit at every depth."""


def pad_length(length: int) -> int:
    """Number of frames to which ``length`` frames are padded: a multiple of 8, at least 16."""
    return max(MIN_LENGTH, -(-length // STRIDE) * STRIDE)


def pad_frames(x: Tensor) -> Tensor:
    """Repeat the last frame of (N, C, T) up to :func:`pad_length` frames."""
    missing = pad_length(x.shape[2]) - x.shape[2]
    return F.pad(x, (0, missing), mode='replicate') if missing else x


class ResidualBlocks(nn.Sequential):
    """Blocks of two temporal convolutions of kernel 3, each added to its input; at first the identity.

    They are not in Table 4.1. At the length of the latent sequence, depth costs little. A decoder needs it:
    exchanging the view multiplies what motion and static contain, and these come to it as a sum.

    Args:
        channels: Channels of the sequence.
        blocks: Number of blocks.
        hidden: Channels between the two convolutions.
    """

    def __init__(self, channels: int, blocks: int, hidden: int) -> None:
        super().__init__(*(_ResidualBlock(channels, hidden) for _ in range(blocks)))


class _ResidualBlock(nn.Module):
    def __init__(self, channels: int, hidden: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.LeakyReLU(0.2),
            nn.Conv1d(channels, hidden, 3, padding=1, padding_mode='replicate'),
            nn.LeakyReLU(0.2),
            nn.Conv1d(hidden, channels, 3, padding=1, padding_mode='replicate'),
        )
        nn.init.zeros_(self.layers[-1].weight)
        nn.init.zeros_(self.layers[-1].bias)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.layers(x)


class MotionEncoder(nn.Sequential):
    """E_LAC: three convolutions that each halve the length; T' = T / 8.

    Each is reflection padding by 3, a convolution of kernel 8 and stride 2, and LeakyReLU 0.2. With fewer
    halvings, the last convolutions have kernel 7 and stride 1.

    Args:
        in_channels: Channels of a sequence, V·C.
        channels: Widths of the three convolutions; the last is C_out. Defaults to (64, 96, 160).
        kernel_size: Kernel size of the convolutions, even. Defaults to 8.
        halvings: Number of convolutions, counted from the first, that halve the length. Default: all.
        blocks: Number of :class:`ResidualBlocks` after the convolutions, and their hidden channels. Not in
            Table 4.1. Defaults to none.
    """

    def __init__(
        self,
        in_channels: int,
        channels: Sequence[int] = (64, 96, 160),
        kernel_size: int = STRIDE,
        halvings: int | None = None,
        blocks: tuple[int, int] = (0, 0),
    ) -> None:
        widths = [in_channels, *three_widths(channels)]
        halvings = len(channels) if halvings is None else halvings
        padding = kernel_size // 2 - 1
        layers: list[nn.Module] = []
        for k in range(len(channels)):
            size, stride = (kernel_size, 2) if k < halvings else (kernel_size - 1, 1)
            layers += [
                nn.ReflectionPad1d(padding),
                nn.Conv1d(widths[k], widths[k + 1], size, stride=stride),
                nn.LeakyReLU(0.2),
            ]
        super().__init__(*layers, *ResidualBlocks(widths[-1], *blocks))
        self.out_channels = widths[-1]


class MotionDecoder(nn.Sequential):
    """D_LAC: upsampling by 2 and a convolution, three times in LAC; T = 8 T'.

    Each is nearest-neighbor upsampling, reflection padding by 3 and a convolution of kernel 7; dropout
    and LeakyReLU 0.2 follow all but the last.

    Args:
        in_channels: C_out of the encoder.
        channels: Widths of the convolutions; the last is V·C. Defaults to (128, 64, 30).
        kernel_size: Kernel size of the convolutions, odd. Defaults to 7.
        dropout: Dropout rate. Defaults to 0.2.
        doublings: Number of convolutions, counted from the first, that follow an upsampling. Default: all.
        blocks: Number of :class:`ResidualBlocks` before the convolutions, and their hidden channels. Not in
            Table 4.1. Defaults to none.
    """

    def __init__(
        self,
        in_channels: int,
        channels: Sequence[int] = (128, 64, 30),
        kernel_size: int = 7,
        dropout: float = 0.2,
        doublings: int | None = None,
        blocks: tuple[int, int] = (0, 0),
    ) -> None:
        widths = [in_channels, *channels]
        doublings = len(channels) if doublings is None else doublings
        layers: list[nn.Module] = [*ResidualBlocks(in_channels, *blocks)]
        for k in range(len(channels)):
            if k < doublings:
                layers.append(nn.Upsample(scale_factor=2, mode='nearest'))
            layers += [
                nn.ReflectionPad1d(kernel_size // 2),
                nn.Conv1d(widths[k], widths[k + 1], kernel_size),
            ]
            if k < len(channels) - 1:
                layers += [nn.Dropout(dropout), nn.LeakyReLU(0.2)]
        super().__init__(*layers)


class StaticEncoder(nn.Module):
    """Encoder of what does not change in a sequence: convolutions and pooling to one vector.

    The second encoder of MotionRetargeting2D: convolutions of stride 1 with pooling by 2 between
    them, a 1x1 convolution, and pooling over the whole length.

    Args:
        in_channels: Channels of a sequence, V·C.
        out_channels: K, length of the vector. Defaults to 32.
        channels: Widths of the convolutions. Defaults to (32, 48, 64).
        kernel_size: Kernel size of the convolutions, odd. Defaults to 7.
        pooling: 'max' or 'mean', between the layers and over time. Defaults to 'max'.

    Raises:
        ValueError: If the pooling is unknown.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int = 32,
        channels: Sequence[int] = (32, 48, 64),
        kernel_size: int = 7,
        pooling: str = 'max',
    ) -> None:
        super().__init__()
        if pooling not in ('max', 'mean'):
            raise ValueError(f"pooling must be 'max' or 'mean', found '{pooling}'")
        self.pooling = pooling
        pool = nn.MaxPool1d if pooling == 'max' else nn.AvgPool1d
        widths = [in_channels, *three_widths(channels)]
        layers: list[nn.Module] = []
        for k in range(len(channels)):
            layers += [
                nn.ReflectionPad1d(kernel_size // 2),
                nn.Conv1d(widths[k], widths[k + 1], kernel_size),
                nn.LeakyReLU(0.2),
                pool(2),
            ]
        self.layers = nn.Sequential(*layers)
        self.project = nn.Conv1d(widths[-1], out_channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, V·C, T) to (N, K)."""
        features = self.project(self.layers(x))
        return torch.amax(features, dim=2) if self.pooling == 'max' else features.mean(dim=2)


def halvings_of(stride: int) -> int:
    """Number of halvings of a temporal stride of 2, 4 or 8.

    Raises:
        ValueError: If it is none of these.
    """
    if stride not in (2, 4, STRIDE):
        raise ValueError(f'expected a stride of 2, 4 or {STRIDE}, found {stride}')
    return stride.bit_length() - 1


def three_widths(channels: Sequence[int]) -> Sequence[int]:
    """Refuse any number of convolutions other than three: sequences are padded and cut for three halvings.

    Raises:
        ValueError: With the widths found.
    """
    if len(channels) != 3:
        raise ValueError(f'expected the widths of three convolutions, found {tuple(channels)}')
    return channels
