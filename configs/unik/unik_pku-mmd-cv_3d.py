"""UNIK as a segmentor on PKU-MMD, cross-view, from scratch."""

_base_ = './unik_pku-mmd-cs_3d.py'

train_dataloader = dict(dataset=dict(split='cv_train'))
val_dataloader = dict(dataset=dict(split='cv_test'))
test_dataloader = val_dataloader
