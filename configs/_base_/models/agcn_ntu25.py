"""The 25 joints of NTU RGB+D in 3D."""

from mmactrep.structures import get_layout

_base_ = './agcn.py'

model = dict(backbone=dict(in_channels=3, graph_cfg=dict(layout=get_layout('ntu25').graph)))
