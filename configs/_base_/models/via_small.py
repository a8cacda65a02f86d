"""ViA sized for two cores: an encoder of half the width."""

_base_ = './via.py'

model = dict(generator=dict(backbone=dict(channels=(32, 32, 32, 32, 64, 64, 64, 128, 128, 128))))
