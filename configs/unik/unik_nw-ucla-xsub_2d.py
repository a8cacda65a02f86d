"""UNIK on Northwestern-UCLA, cross-subject, joints in 2D as the sensor sees them, from scratch."""

_base_ = '../_base_/recipes/depth_sensor_2d.py'

train_dataloader = dict(dataset=_base_.stores.nw_ucla)
val_dataloader = dict(dataset=_base_.stores.nw_ucla)
test_dataloader = val_dataloader
