"""UNIK on UTD-MHAD, cross-subject, joints in 2D as the sensor sees them, from scratch."""

_base_ = '../_base_/recipes/depth_sensor_2d.py'

train_dataloader = dict(dataset=_base_.stores.utd_mhad)
val_dataloader = dict(dataset=_base_.stores.utd_mhad)
test_dataloader = val_dataloader
