"""UNIK on KARD, cross-subject, joints in 3D, from scratch; its skeletons have no middle of the hips."""

_base_ = '../_base_/recipes/depth_sensor_3d.py'

__dataset = dict(_base_.stores.kard, pipeline=dict(normalize=dict(center='torso')))
train_dataloader = dict(dataset=__dataset)
val_dataloader = dict(dataset=__dataset)
test_dataloader = val_dataloader
