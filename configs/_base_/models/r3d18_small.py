"""The network for two cores: 18 layers of a quarter of the width, convolutions in time in every stage."""

_base_ = './r3d50.py'

model = dict(
    backbone=dict(depth=18, base_channels=16, inflate=(1, 1, 1, 1)),
    cls_head=dict(in_channels=128, dropout_ratio=0.2),
)
