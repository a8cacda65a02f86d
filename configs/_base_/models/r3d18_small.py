"""The network sized for two cores: 18 layers of half the width, clips of 64 pixels."""

_base_ = './r3d50.py'

model = dict(
    backbone=dict(depth=18, base_channels=32),
    cls_head=dict(in_channels=256, dropout_ratio=0.2),
)
