"""ViA sized for two cores: an encoder of half the width."""

_base_ = './via.py'

model = dict(generator=dict(backbone=dict(base_channels=32)))
