"""A UNIK of half the width on procedural motions alone: 45 actions of everyday life, none of them filmed."""

_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/models/unik.py',
    '../_base_/datasets/synthetic_2d_recommended.py',
    '../_base_/schedules/cosine_recommended.py',
]
model = dict(
    backbone=dict(num_person=1, channels=(32, 32, 32, 32, 64, 64, 64, 128, 128, 128)),
    cls_head=dict(num_classes=45, in_channels=128, dropout=0.1, label_smooth_eps=0.1),
)
# New clips teach more than the same ones again: many clips, few epochs.
param_scheduler = [_base_.warmup, dict(_base_.cosine, T_max=8, end=8)]
train_cfg = dict(max_epochs=8, val_interval=2)
