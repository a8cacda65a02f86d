"""PKU-MMD, cross-view, two persons: windows of 300 frames (thesis 4.5.1)."""

_base_ = './segmentation_pku-mmd-cs_3d.py'

train_dataloader = dict(dataset=dict(split='cv_train'))
val_dataloader = dict(dataset=dict(split='cv_test'))
test_dataloader = val_dataloader
