"""Motion generators: autoencoders whose latent code is split into 'Motion' and 'Static' (thesis 4.3.1)."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

import torch
from mmengine.model import BaseModule
from torch import Tensor

from mmactrep.models.layers.orthogonal_dictionary import (
    LinearActionDecomposition,
    MotionCode,
    check_code,
    compose_codes,
)
from mmactrep.registry import MODELS
from mmactrep.structures import SkeletonLayout, get_layout
from mmactrep.structures.motion_representation import MotionStatistics, motion_channels

from .motion_networks import (
    MIN_LENGTH,
    STRIDE,
    MotionDecoder,
    MotionEncoder,
    StaticEncoder,
    halvings_of,
    pad_frames,
    three_widths,
)


class BaseMotionAutoencoder(BaseModule):
    """Base of motion generators: the statistics of their motions, padding, checks, composition.

    A sequence is root-centered motion (``mmactrep.structures.motion_representation``): V·C channels, joints
    relative to the root and the root's velocity. :meth:`encode` and :meth:`decode` work on standardized
    motion; mean and deviation are saved with the weights, so a checkpoint is all that a user of the generator
    needs.

    Args:
        layout: Layout of the skeletons. Defaults to 'motion15'.
        in_channels: C_in, 2 or 3 coordinates. Defaults to 2.
        init_cfg: MMEngine's initialization, for example a checkpoint.

    Attributes:
        stride: Frames of a sequence per step of the motion code.
        num_channels: V·C_in.
        mean, std: (V·C_in,) statistics of the training motions.
    """

    num_motion: int
    num_static: int
    stride: int = STRIDE

    def __init__(
        self,
        layout: str | dict | SkeletonLayout = 'motion15',
        in_channels: int = 2,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg=init_cfg)
        if in_channels not in (2, 3):
            raise ValueError(f'in_channels must be 2 or 3, found {in_channels}')
        self.layout = get_layout(layout)
        self.in_channels = in_channels
        self.num_channels = motion_channels(self.layout, in_channels)
        self.register_buffer('mean', torch.zeros(self.num_channels))
        self.register_buffer('std', torch.ones(self.num_channels))
        self.register_buffer('has_statistics', torch.tensor(False))

    @property
    def statistics(self) -> MotionStatistics:
        """Mean and deviation of the training motions; 0 and 1 before :meth:`set_statistics`."""
        return MotionStatistics(self.mean, self.std)

    def set_statistics(self, statistics: MotionStatistics) -> None:
        """Set the statistics of the training motions.

        Raises:
            ValueError: If they do not have V·C channels, are not finite, or a deviation is not positive.
        """
        mean, std = (torch.as_tensor(x, dtype=torch.float32) for x in (statistics.mean, statistics.std))
        if len(mean) != self.num_channels:
            raise ValueError(f'expected statistics of {self.num_channels} channels, found {len(mean)}')
        if not (torch.isfinite(mean).all() and torch.isfinite(std).all() and (std > 0).all()):
            raise ValueError('statistics must be finite, and deviations above 0')
        self.mean.copy_(mean)
        self.std.copy_(std)
        self.has_statistics.fill_(True)

    def standardize(self, motion: Tensor) -> Tensor:
        """Standardize motion (..., V·C, T) in the library's unit, for :meth:`encode`."""
        return self.statistics.standardize(motion)

    def restore(self, motion: Tensor) -> Tensor:
        """Inverse of :meth:`standardize`."""
        return self.statistics.restore(motion)

    def encode(self, x: Tensor) -> MotionCode:
        """Encode standardized motion.

        Args:
            x: (N, V·C, T), T at least 1. The last frame is repeated until T is a multiple of 8, at least 16.

        Returns:
            Motion magnitudes (N, J, T'), T' = T / stride of the padded sequence, and static magnitudes
            (N, K).

        Raises:
            ValueError: If the channels are not those of the model, or there is no frame.
        """
        if x.dim() != 3 or x.shape[1] != self.num_channels or x.shape[2] == 0:
            raise ValueError(
                f"{type(self).__name__} for layout '{self.layout.name}' expects (N, {self.num_channels}, T), "
                f'found a tensor of {tuple(x.shape)}'
            )
        return self._encode(self._pad(x))

    def decode(self, code: MotionCode, length: int | None = None) -> Tensor:
        """Generate standardized motion from a code.

        Args:
            code: Magnitudes (N, J, T') for at least 16 frames, and (N, K).
            length: Frames to keep, at most T' times the stride. Default: all.

        Returns:
            (N, V·C, length).

        Raises:
            ValueError: If the magnitudes do not fit the model or the length.
        """
        check_code(code, self.num_motion, self.num_static)
        frames = code.motion.shape[2] * self.stride
        if frames < MIN_LENGTH or not 1 <= (length or frames) <= frames:
            raise ValueError(
                f'a code of {code.motion.shape[2]} steps decodes to {frames} frames, {MIN_LENGTH} at least; '
                f'{length} are asked for'
            )
        return self._decode(code)[:, :, :length]

    @staticmethod
    def _pad(x: Tensor) -> Tensor:
        """The motion that is encoded for a motion of any length, see :meth:`encode`."""
        return pad_frames(x)

    @abstractmethod
    def _encode(self, x: Tensor) -> MotionCode:
        """Magnitudes of padded motion, see :meth:`encode`."""

    @abstractmethod
    def _decode(self, code: MotionCode) -> Tensor:
        """All frames of a code, see :meth:`decode`."""

    @staticmethod
    def compose(
        codes: Sequence[MotionCode], static: Tensor | None = None, weights: Sequence[float] | None = None
    ) -> MotionCode:
        """Mean of several motions with one static (Eq. 4.5); see :func:`compose_codes`."""
        return compose_codes(codes, static, weights)

    def forward(self, x: Tensor) -> Tensor:
        """Reconstruct standardized motion (N, V·C, T): D(r_m + r_c)."""
        return self.decode(self.encode(x), x.shape[2])


@MODELS.register_module()
class MotionAutoencoder(BaseMotionAutoencoder):
    """LAC's generator: E_LAC, linear action decomposition, D_LAC (Eq. 4.1 to 4.3, Table 4.1).

    Args:
        layout: Layout of the skeletons. Defaults to 'motion15'.
        in_channels: C_in, 2 or 3 coordinates. Defaults to 2.
        code_channels: C_out. Defaults to 160.
        num_motion: J directions of 'Motion'; the other C_out - J are 'Static'. Defaults to 128.
        encoder_channels: Widths of the encoder's first two convolutions. Defaults to (64, 96).
        decoder_channels: Widths of the decoder's first two convolutions. Defaults to (128, 64).
        dropout: Dropout rate in the decoder. Defaults to 0.2.
        stride: Frames per step of the motion code, 8 as in Table 4.1, or 4 or 2, which keep faster movement.
        residual: Numbers of :class:`ResidualBlocks` after the encoder and before the decoder, and their
            hidden channels. Defaults to none, as in Table 4.1.
        init_cfg: MMEngine's initialization, for example a checkpoint.

    Raises:
        ValueError: If J is not in [1, C_out), or the stride is another.

    Example:
        >>> generator = MotionAutoencoder('motion15', in_channels=2)
        >>> code = generator.encode(torch.rand(4, 30, 64))
        >>> code.motion.shape, code.static.shape, generator.decode(code).shape
        (torch.Size([4, 128, 8]), torch.Size([4, 32]), torch.Size([4, 30, 64]))
    """

    def __init__(
        self,
        layout: str | dict | SkeletonLayout = 'motion15',
        in_channels: int = 2,
        code_channels: int = 160,
        num_motion: int = 128,
        encoder_channels: Sequence[int] = (64, 96),
        decoder_channels: Sequence[int] = (128, 64),
        dropout: float = 0.2,
        stride: int = STRIDE,
        residual: tuple[int, int, int] = (0, 0, 0),
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(layout, in_channels, init_cfg)
        halvings, self.stride = halvings_of(stride), stride
        after, before, hidden = residual
        self.encoder = MotionEncoder(
            self.num_channels,
            (*encoder_channels, code_channels),
            halvings=halvings,
            blocks=(after, hidden),
        )
        self.decomposition = LinearActionDecomposition(code_channels, num_motion)
        widths = three_widths((*decoder_channels, self.num_channels))
        self.decoder = MotionDecoder(
            code_channels, widths, dropout=dropout, doublings=halvings, blocks=(before, hidden)
        )
        self.num_motion = num_motion
        self.num_static = code_channels - num_motion

    def _encode(self, x: Tensor) -> MotionCode:
        return self.decomposition.decompose(self.encoder(x))

    def _decode(self, code: MotionCode) -> Tensor:
        return self.decoder(self.decomposition.recompose(code))


@MODELS.register_module()
class TwoEncoderAutoencoder(BaseMotionAutoencoder):
    """The baseline: separate encoders of motion and static, with their codes concatenated for the decoder.

    The two-encoder form of MotionRetargeting2D (Aberman et al., 2019), whose encoders of body and view are
    merged here. Same interface and code size as :class:`MotionAutoencoder`.

    Args:
        layout: Layout of the skeletons. Defaults to 'motion15'.
        in_channels: C_in, 2 or 3 coordinates. Defaults to 2.
        num_motion: Channels of the motion code. Defaults to 128.
        num_static: Length of the static code. Defaults to 32.
        encoder_channels: Widths of the motion encoder's first two convolutions. Defaults to (64, 96).
        static_channels: Widths of the static encoder's convolutions. Defaults to (32, 48, 64).
        decoder_channels: Widths of the decoder's first two convolutions. Defaults to (128, 64).
        pooling: Pooling of the static encoder, 'max' or 'mean'. Defaults to 'max'.
        dropout: Dropout rate in the decoder. Defaults to 0.2.
        stride: Frames per step of the motion code: 8, 4 or 2. Defaults to 8.
        residual: As in :class:`MotionAutoencoder`.
        init_cfg: MMEngine's initialization.
    """

    def __init__(
        self,
        layout: str | dict | SkeletonLayout = 'motion15',
        in_channels: int = 2,
        num_motion: int = 128,
        num_static: int = 32,
        encoder_channels: Sequence[int] = (64, 96),
        static_channels: Sequence[int] = (32, 48, 64),
        decoder_channels: Sequence[int] = (128, 64),
        pooling: str = 'max',
        dropout: float = 0.2,
        stride: int = STRIDE,
        residual: tuple[int, int, int] = (0, 0, 0),
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(layout, in_channels, init_cfg)
        halvings, self.stride = halvings_of(stride), stride
        after, before, hidden = residual
        self.motion_encoder = MotionEncoder(
            self.num_channels, (*encoder_channels, num_motion), halvings=halvings, blocks=(after, hidden)
        )
        self.static_encoder = StaticEncoder(self.num_channels, num_static, static_channels, pooling=pooling)
        widths = three_widths((*decoder_channels, self.num_channels))
        self.decoder = MotionDecoder(
            num_motion + num_static, widths, dropout=dropout, doublings=halvings, blocks=(before, hidden)
        )
        self.num_motion = num_motion
        self.num_static = num_static

    def _encode(self, x: Tensor) -> MotionCode:
        return MotionCode(self.motion_encoder(x), self.static_encoder(x))

    def _decode(self, code: MotionCode) -> Tensor:
        static = code.static.unsqueeze(2).expand(-1, -1, code.motion.shape[2])
        return self.decoder(torch.cat([code.motion, static], dim=1))
