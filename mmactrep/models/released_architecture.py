"""The network that a file of released UNIK weights belongs to, read from the shapes in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from torch import Tensor

from mmactrep.models.backbones.unik import UNIK

#: Settings of a ``UNIK`` that leave a trace in the weights, by their names in a config.
SETTINGS = ('in_channels', 'num_joints', 'num_heads', 'window_size', 'channels', 'kernel_size', 'attention')


def read_architecture(released: Mapping[str, Tensor]) -> dict[str, Any]:
    """Arguments of the ``UNIK`` that released weights belong to, and ``num_classes``.

    Strides are read from the residual connections: a block with a convolution in its residual skips frames,
    as all such blocks of the release do. Dilations leave no trace; the release has 1 everywhere.

    Args:
        released: Weights by their released names, without prefixes.

    Returns:
        ``in_channels``, ``num_joints``, ``num_person``, ``num_heads``, ``window_size``, ``channels``,
        ``strides``, ``dilations``, ``kernel_size``, ``attention``, ``embed_ratio``; ``num_classes`` is None
        without a classifier.

    Raises:
        ValueError: If they are not weights of a UNIK.
    """
    numbers = {int(match[1]) for name in released if (match := re.match(r'l(\d{1,4})\.', name))}
    if not numbers or numbers != set(range(1, len(numbers) + 1)):
        raise ValueError('there are no blocks l1, l2, ...')

    def shape(name: str, axes: int) -> tuple[int, ...]:
        if name not in released:
            raise ValueError(f'{name} is missing')
        found = tuple(released[name].shape)
        if len(found) != axes or 0 in found:
            raise ValueError(f'{name} has shape {found}')
        return found

    blocks = [f'l{number}' for number in sorted(numbers)]
    heads, nodes, _ = shape('l1.s_unit.DepM', 3)
    window = shape('l1.s_unit.out_conv.weight', 5)[3] if 'l1.s_unit.out_conv.weight' in released else 1
    if nodes % window:
        raise ValueError(f'l1.s_unit.DepM has {nodes} nodes for a window of {window} frames')
    joints, (first, in_channels, *_) = nodes // window, shape('l1.s_unit.conv_d.0.weight', 4)
    inputs = shape('data_bn.weight', 1)[0]
    if inputs % (joints * in_channels):
        raise ValueError(f'data_bn has {inputs} inputs, no multiple of {joints} joints x {in_channels}')
    convolutions = [shape(f'{block}.t_unit.conv.weight', 4) for block in blocks]
    attention = 'l1.s_unit.conv_a.0.weight' in released
    return dict(
        in_channels=in_channels,
        num_joints=joints,
        num_person=inputs // (joints * in_channels),
        num_heads=heads,
        window_size=window,
        channels=tuple(each[0] for each in convolutions),
        strides=tuple(2 if f'{block}.residual.conv.weight' in released else 1 for block in blocks),
        dilations=(1,) * len(blocks),
        kernel_size=convolutions[0][2],
        attention=attention,
        embed_ratio=max(1, first // shape('l1.s_unit.conv_a.0.weight', 4)[0]) if attention else 4,
        num_classes=shape('fc.weight', 2)[0] if 'fc.weight' in released else None,
    )


def architecture_of(backbone: UNIK) -> dict[str, Any]:
    """:data:`SETTINGS` of a backbone."""
    unit = backbone.blocks[0].spatial
    return dict(
        in_channels=backbone.in_channels,
        num_joints=backbone.num_joints,
        num_heads=unit.num_heads,
        window_size=unit.window_size,
        channels=tuple(block.temporal.conv.out_channels for block in backbone.blocks),
        kernel_size=backbone.blocks[0].temporal.conv.kernel_size[0],
        attention=unit.attention_embed is not None,
    )


def different_settings(found: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Settings that differ, with the values of the weights and of the model."""
    return {key: (found[key], own[key]) for key in SETTINGS if found[key] != own[key]}
