"""UNIK on Posetics joints in 3D: spine upright, shoulders along x (thesis 3.7.1)."""

_base_ = './unik_posetics_2d.py'

__dataset = dict(_base_.stores.posetics_3d, pipeline=dict(normalize=dict(type='AlignSkeleton3D')))
train_dataloader = dict(dataset=__dataset)
val_dataloader = dict(dataset=__dataset)
test_dataloader = dict(dataset=__dataset)
model = dict(backbone=dict(in_channels=3))
