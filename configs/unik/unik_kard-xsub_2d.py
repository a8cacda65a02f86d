"""UNIK on KARD, cross-subject, joints in 2D, from scratch: the data set has pixels of its own."""

_base_ = '../_base_/recipes/depth_sensor_2d.py'

__dataset = dict(_base_.stores.kard_2d, pipeline=dict(project=dict(_delete_=True)))
train_dataloader = dict(dataset=__dataset)
val_dataloader = dict(dataset=__dataset)
test_dataloader = val_dataloader
