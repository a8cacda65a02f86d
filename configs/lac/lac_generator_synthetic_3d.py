"""LAC's generator on the procedural motion library, in 3D."""

_base_ = './lac_generator_synthetic_2d.py'
train_dataloader = dict(dataset=dict(dims=3))
val_dataloader = dict(dataset=dict(dims=3))
test_dataloader = val_dataloader
model = dict(generator=dict(in_channels=3))
