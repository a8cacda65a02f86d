"""UNIK on Northwestern-UCLA, cross-subject, joints in 3D, from scratch."""

_base_ = '../_base_/recipes/depth_sensor_3d.py'

train_dataloader = dict(dataset=_base_.stores.nw_ucla)
val_dataloader = dict(dataset=_base_.stores.nw_ucla)
test_dataloader = val_dataloader
