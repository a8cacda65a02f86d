"""The pairs of ``motion_pairs_synthetic_2d.py`` in 3D: turned to the view, not projected."""

_base_ = './motion_pairs_synthetic_2d.py'

train_dataloader = dict(dataset=dict(dims=3))
val_dataloader = dict(dataset=dict(dims=3))
test_dataloader = val_dataloader
