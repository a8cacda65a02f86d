"""UNIK on Penn Action with 5 % of the training labels, from scratch: ten times the epochs."""

_base_ = ['./unik_penn_2d_recommended.py', '../_overlays_/5percent.py']

train_cfg = dict(max_epochs=300, val_interval=30)
param_scheduler = [dict(_base_.warmup, share=0.2), _base_.cosine]
