"""ViA with the crossed ground truth of the motion library in 3D: right, down and away from a camera."""

_base_ = './via_library_2d.py'

model = dict(generator=dict(in_channels=3, backbone=dict(in_channels=3)), data_preprocessor=dict(dims=3))
val_dataloader = dict(dataset=dict(dims=3))
test_dataloader = val_dataloader
