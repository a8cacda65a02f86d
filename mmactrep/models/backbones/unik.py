"""UNIK, the unified skeleton network (thesis, section 3.4)."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor, nn

from mmactrep.errors import InputShapeError
from mmactrep.models.layers.dependency_unit import (
    SpatialLSU,
    TemporalLSU,
    channels_last,
    plain_when_exporting,
    skip_frames,
    unfold_windows,
)
from mmactrep.registry import MODELS

from .encoder import SkeletonEncoder


def resize_persons(values: Tensor, num_person: int, person_size: int) -> Tensor:
    """Fit a parameter of the input batch norm, (M·V·C,), to another number of persons.

    Fewer persons keep the first ones' values; further persons repeat them, in order.
    """
    persons = values.reshape(-1, person_size)
    return persons[torch.arange(num_person) % len(persons)].flatten()


class UNIKBlock(nn.Module):
    """One building block: ``ReLU(T-LSU(S-LSU(f_in)) + residual(f_in))`` (Eq. 3.8).

    Args:
        spatial (SpatialLSU): The S-LSU.
        temporal (TemporalLSU): The T-LSU.
        residual (bool): Whether the input is added; through a strided 1x1 convolution and a batch norm if the
            block changes the width or the length.
    """

    def __init__(self, spatial: SpatialLSU, temporal: TemporalLSU, residual: bool = True) -> None:
        super().__init__()
        self.spatial = spatial
        self.temporal = temporal
        self.stride = temporal.conv.stride[0]
        self.residual: nn.Module | None = None
        if residual:
            self.residual = nn.Identity()
            in_channels, out_channels = spatial.in_channels, temporal.conv.out_channels
            if in_channels != out_channels or self.stride > 1:
                self.residual = TemporalLSU(in_channels, out_channels, kernel_size=1)

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, C_in, V, T) to (B, C_out, V, ceil(T / stride))."""
        out = self.temporal(self.spatial(x))
        if self.residual is not None:
            # Frames are skipped here rather than by a stride: in torch 2.13 the backward pass of a strided
            # 1x1 convolution of channels-last bfloat16 writes out of bounds on CPUs.
            out += self.residual(skip_frames(x, self.stride))
        return F.relu_(out)


@MODELS.register_module()
class UNIK(SkeletonEncoder, BaseModule):
    """UNIK: unified framework for real-world skeleton-based action recognition (Eq. 3.8 to 3.12).

    No graph: dependencies between joints are learned from a dense, uniform initialization, so any set of
    joints will do. It plugs into mmaction2's ``RecognizerGCN`` and ``GCNHead``.

    Args:
        in_channels (int): C, coordinates per joint: 2 or 3. Defaults to 2.
        num_joints (int): V. Defaults to 17.
        num_person (int): M, persons per clip. Defaults to 1.
        num_heads (int): N of Eq. 3.9. Defaults to 3.
        window_size (int): τ, frames that the S-LSU sees at once. Defaults to 1.
        base_channels (int): Output channels of the first four blocks, if ``channels`` does not name those of
            all; the next three have twice, the last three four times as many. Defaults to 64.
        channels (Sequence[int], optional): Output channels of the K blocks.
        strides (Sequence[int]): Their temporal strides.
        dilations (Sequence[int]): Their temporal dilations d. The released weights need 1 everywhere.
        kernel_size (int): t of Eq. 3.12, odd. Defaults to 9.
        attention (bool): Whether A_i is added to W_i (Eq. 3.9). Defaults to True.
        embed_ratio (int): C_e of Eq. 3.11 is ``C_out // embed_ratio``. Defaults to 4.
        init_cfg (dict or list[dict], optional): MMEngine's initialization, for example a checkpoint. Default:
            the thesis's initial values.

    Example:
        >>> model = UNIK(in_channels=2, num_joints=17, num_person=1)
        >>> model(torch.rand(4, 1, 150, 17, 2)).shape
        torch.Size([4, 1, 256, 38, 17])
    """

    def __init__(
        self,
        in_channels: int = 2,
        num_joints: int = 17,
        num_person: int = 1,
        num_heads: int = 3,
        window_size: int = 1,
        base_channels: int = 64,
        channels: Sequence[int] | None = None,
        strides: Sequence[int] = (1, 1, 1, 1, 2, 1, 1, 2, 1, 1),
        dilations: Sequence[int] = (1, 3, 3, 3, 3, 1, 1, 1, 1, 1),
        kernel_size: int = 9,
        attention: bool = True,
        embed_ratio: int = 4,
        init_cfg: dict | list[dict] | None = None,
    ) -> None:
        super().__init__(init_cfg=init_cfg)
        if channels is None:
            channels = [base_channels * ratio for ratio in (1, 1, 1, 1, 2, 2, 2, 4, 4, 4)]
        if not len(channels) == len(strides) == len(dilations) > 0:
            raise ValueError(
                'UNIK needs one entry per block in channels, strides and dilations, got '
                f'{len(channels)}, {len(strides)} and {len(dilations)}'
            )
        self.in_channels = in_channels
        self.num_joints = num_joints
        self.num_person = num_person
        self.out_channels = self.feature_channels = channels[-1]
        self.temporal_stride = math.prod(strides)

        self.data_bn = nn.BatchNorm1d(num_person * num_joints * in_channels)
        widths = [in_channels, *channels]
        self.blocks = nn.ModuleList(
            UNIKBlock(
                SpatialLSU(
                    widths[k], widths[k + 1], num_joints, num_heads, window_size, attention, embed_ratio
                ),
                TemporalLSU(widths[k + 1], widths[k + 1], kernel_size, strides[k], dilations[k]),
                residual=k > 0,
            )
            for k in range(len(channels))
        )

    def _load_from_state_dict(self, state_dict: dict, prefix: str, *args, **kwargs) -> None:
        """Also accept a checkpoint for another number of persons, see :func:`resize_persons`."""
        person = self.num_joints * self.in_channels
        for name, own in self.data_bn.state_dict(prefix=f'{prefix}data_bn.').items():
            value = state_dict.get(name)
            if value is not None and value.dim() == 1 and len(value) != len(own) and len(value) % person == 0:
                state_dict[name] = resize_persons(value, self.num_person, person)
        super()._load_from_state_dict(state_dict, prefix, *args, **kwargs)

    def _normalize(self, x: Tensor) -> Tensor:
        """Check (N, M, T, V, C), normalize over the batch and return sequences (N·M, C, V, T)."""
        expected = dict(persons=self.num_person, joints=self.num_joints, channels=self.in_channels)
        if x.dim() != 5:
            raise ValueError(f'UNIK expects (N, M, T, V, C), found a tensor of shape {tuple(x.shape)}')
        batch, persons, length, joints, channels = x.shape
        found = dict(persons=persons, joints=joints, channels=channels)
        if found != expected:
            wrong = ', '.join(f'{v} {k} (found {found[k]})' for k, v in expected.items() if found[k] != v)
            raise InputShapeError(
                f'UNIK was built for {wrong}: its input has shape (N, M, T, V, C) = {tuple(x.shape)}'
            )
        if length == 0:
            raise InputShapeError('UNIK expects clips of one frame or more, found 0 frames')
        x = plain_when_exporting(x.permute(0, 1, 3, 4, 2))
        x = self.data_bn(x.reshape(batch, -1, length))
        x = x.view(batch * persons, joints, channels, length)
        return channels_last(x.transpose(1, 2))

    def forward(self, x: Tensor) -> Tensor:
        """Compute feature maps.

        Args:
            x (Tensor): Clips, (N, M, T, V, C).

        Returns:
            Tensor: (N, M, C', T', V); T' is T divided by every stride, rounded up each time.

        Raises:
            ValueError: If the input's persons, joints or channels are not those of the model.
        """
        batch, persons = x.shape[:2]
        x = self._normalize(x)
        for block in self.blocks:
            x = block(x)
        return x.transpose(2, 3).unflatten(0, (batch, persons))

    @property
    def dependency_matrices(self) -> list[Tensor]:
        """W_i of every block (Eq. 3.9): K tensors (N, τV, τV); row = source, column = target joint."""
        return [block.spatial.dependency.detach() for block in self.blocks]

    def attention_maps(self, x: Tensor) -> list[Tensor]:
        """A_i of every block for clips (N, M, T, V, C) (Eq. 3.11).

        Returns:
            list[Tensor]: K tensors (N·M, heads, τV, τV); every column (target joint) sums to 1.

        Raises:
            ValueError: If the model was built with ``attention=False``.
        """
        x = self._normalize(x)
        maps = []
        for block in self.blocks:
            maps.append(block.spatial.attention_maps(unfold_windows(x, block.spatial.window_size)))
            x = block(x)
        return maps
