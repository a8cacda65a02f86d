"""The generator that pre-training on Posetics in 3D and on PKU-MMD composes with: 17 joints."""

_base_ = './lac_generator_synthetic_2d_posetics17.py'

model = dict(generator=dict(in_channels=3))
train_dataloader = dict(dataset=dict(dims=3))
val_dataloader = dict(dataset=dict(dims=3))
test_dataloader = val_dataloader
