"""UNIK on Penn Action with 5 % of the training labels, from scratch: ten times the epochs."""

_base_ = './unik_penn_2d_recommended.py'

param_scheduler = [_base_.warmup, dict(_base_.cosine, T_max=300, end=300)]
train_cfg = dict(max_epochs=300, val_interval=30)
train_dataloader = dict(dataset=dict(labelled_fraction=0.05))
