"""ViA as contrast on Posetics in 3D, in the frame of the camera."""

_base_ = './via_posetics_2d_contrast.py'

__dataset = dict(dataset=_base_.stores.posetics_3d)
train_dataloader = __dataset
default_hooks = dict(knn=dict(train_dataloader=__dataset, test_dataloader=__dataset))
model = dict(
    backbone=dict(in_channels=3),
    composer=dict(generator=dict(checkpoint='checkpoints/lac_generator_3d.pth')),
)
