"""The recommended recipe for your own skeletons in 3D, see ``own_skeletons_2d.py``."""

_base_ = './own_skeletons_2d.py'

model = dict(backbone=dict(in_channels=3))
train_dataloader = dict(dataset=dict(ann_file='data/mine/3d'))
val_dataloader = dict(dataset=dict(ann_file='data/mine/3d'))
test_dataloader = val_dataloader
