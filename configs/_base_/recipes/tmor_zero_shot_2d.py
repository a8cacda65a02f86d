"""T-MOR for many runs on two cores: a UNIK of a quarter of the width, with 32 frames after block 1."""

_base_ = './tmor_mixture_2d.py'

model = dict(
    backbone=dict(channels=(16, 16, 16, 16, 32, 32, 32, 64, 64, 64), strides=(2, 1, 1, 1, 2, 1, 1, 2, 1, 1)),
    neck=dict(in_channels=64),
)
train_cfg = dict(max_epochs=8)
default_hooks = dict(checkpoint=dict(interval=8))
