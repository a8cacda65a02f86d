"""The 25 joints of NTU RGB+D in 3D."""

_base_ = './unik.py'

model = dict(backbone=dict(in_channels=3, num_joints=25))
