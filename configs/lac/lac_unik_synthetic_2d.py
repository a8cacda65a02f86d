"""LAC on procedural motions without labels, small enough for two cores."""

_base_ = [
    '../_base_/pretrain_runtime.py',
    '../_base_/models/lac_unik_small.py',
    '../_base_/datasets/lac_synthetic_2d.py',
    '../_base_/schedules/lac_pretrain_small.py',
]
max_epochs = 12
param_scheduler = [
    dict(type='LinearLR', start_factor=0.01, by_epoch=False, begin=0, end=100),
    dict(
        type='CosineAnnealingLR',
        T_max=max_epochs,
        eta_min=0,
        by_epoch=True,
        begin=0,
        end=max_epochs,
        convert_to_iter_based=True,
    ),
]
train_cfg = dict(max_epochs=max_epochs)
default_hooks = dict(checkpoint=dict(interval=4))
