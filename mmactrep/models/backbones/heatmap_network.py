"""mmaction2's SlowOnly on heatmaps of joints: the network of PoseC3D."""

from __future__ import annotations

import math

from mmaction.models.backbones import ResNet3dSlowOnly

from mmactrep.registry import MODELS


@MODELS.register_module()
class JointHeatmapSlowOnly(ResNet3dSlowOnly):
    """SlowOnly of three stages and half the width, as PoseC3D has it, with a channel for each joint.

    Args:
        num_joints (int): V, channels of the heatmaps.
        in_channels (int): Coordinates of a joint in the data, of which heatmaps are made.
        base_channels (int): Width of the first stage. Defaults to 32.
        **kwargs: Arguments of mmaction2's ``ResNet3dSlowOnly``.
    """

    def __init__(
        self,
        num_joints: int = 17,
        in_channels: int = 2,
        base_channels: int = 32,
        **kwargs,
    ) -> None:
        poses = dict(
            depth=50, pretrained=None, num_stages=3, out_indices=(2,), stage_blocks=(4, 6, 3),
            conv1_stride_s=1, pool1_stride_s=1, inflate=(0, 1, 1), spatial_strides=(2, 2, 2),
            temporal_strides=(1, 1, 2), dilations=(1, 1, 1),
        )  # fmt: skip
        if in_channels != 2:
            raise ValueError(f'heatmaps are made of 2D skeletons, got {in_channels} coordinates')
        super().__init__(in_channels=num_joints, base_channels=base_channels, **poses | kwargs)
        strides = (*self.temporal_strides, self.conv1_stride_t, self.pool1_stride_t)
        self.temporal_stride = math.prod(strides)
