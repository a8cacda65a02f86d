"""ViA as contrast on Posetics in 2D (thesis 4.4): UNIK's own strides, each person in a box of their own."""

_base_ = ['../lac/lac_unik_posetics_2d.py', '../_overlays_/contrast.py']

__normalize = dict(type='BoxNormalize', per_person=True)
__dataset = dict(dataset=dict(pipeline=dict(normalize=__normalize)))
train_dataloader = __dataset
default_hooks = dict(knn=dict(train_dataloader=__dataset, test_dataloader=__dataset))
model = dict(backbone=dict(strides=(1, 1, 1, 1, 2, 1, 1, 2, 1, 1)), composer=dict(normalize=__normalize))
