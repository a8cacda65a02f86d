"""LAC's generator from a bank of motions, in 3D."""

_base_ = './lac_generator_bank_2d.py'
val_dataloader = dict(dataset=dict(dims=3))
test_dataloader = val_dataloader
model = dict(generator=dict(in_channels=3), data_preprocessor=dict(dims=3, cameras=dict(perspective=0.0)))
