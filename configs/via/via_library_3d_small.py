"""ViA with the crossed ground truth of the motion library in 3D, sized for two cores."""

_base_ = './via_library_2d_small.py'

model = dict(generator=dict(in_channels=3, backbone=dict(in_channels=3)), data_preprocessor=dict(dims=3))
val_dataloader = dict(dataset=dict(dims=3))
test_dataloader = val_dataloader
