"""LTN sized for two cores: 18 layers of a quarter of the width, M = 8, P = 2, a queue of 1,024."""

_base_ = './ltn_r3d50.py'

model = dict(
    backbone=dict(depth=18, base_channels=16, inflate=(1, 1, 1, 1)),
    time=dict(channels=128, num_directions=8, hidden_channels=128),
    neck=dict(in_channels=128, hidden_channels=128, out_channels=64),
    num_positives=2,
    queue_size=1024,
    momentum=0.99,
)
