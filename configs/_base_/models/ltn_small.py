"""LTN sized for two cores: 18 layers of half the width, M = 16, P = 2, a queue of 2,048."""

_base_ = './ltn_r3d50.py'

model = dict(
    backbone=dict(depth=18, base_channels=32),
    time=dict(channels=256, num_directions=16, hidden_channels=256),
    neck=dict(in_channels=256, hidden_channels=256, out_channels=64),
    num_positives=2,
    queue_size=2048,
    momentum=0.99,
)
