"""UNIK as a segmentor on Toyota Smarthome Untrimmed, cross-view, from scratch."""

_base_ = './unik_tsu-cs_2d.py'

train_dataloader = dict(dataset=dict(split='cv_train'))
val_dataloader = dict(dataset=dict(split='cv_test'))
test_dataloader = val_dataloader
