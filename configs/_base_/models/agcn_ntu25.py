"""The 25 joints of NTU RGB+D in 3D."""

_base_ = './agcn.py'

model = dict(backbone=dict(layout='ntu25', in_channels=3))
