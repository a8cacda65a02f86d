"""LAC on procedural motions without labels, small enough for two cores."""

_base_ = [
    '../_base_/pretrain_runtime.py',
    '../_base_/models/lac_unik_small.py',
    '../_base_/datasets/lac_synthetic_2d.py',
    '../_base_/schedules/lac_pretrain_small.py',
]
param_scheduler = [_base_.warmup, dict(_base_.cosine, T_max=4, end=4)]
train_cfg = dict(max_epochs=4)
default_hooks = dict(checkpoint=dict(interval=2))
