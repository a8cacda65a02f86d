"""LAC on Posetics joints in 3D, without labels: for data sets in 3D, such as PKU-MMD (thesis, 4.5.1)."""

_base_ = './lac_unik_posetics_2d.py'

__normalize = dict(type='AlignSkeleton3D')
__dataset = dict(dataset=dict(_base_.stores.posetics_3d, pipeline=dict(normalize=__normalize)))
train_dataloader = __dataset
default_hooks = dict(knn=dict(train_dataloader=__dataset, test_dataloader=__dataset))
__generator = dict(checkpoint='checkpoints/lac_generator_3d.pth')
model = dict(backbone=dict(in_channels=3), composer=dict(generator=__generator, normalize=__normalize))
