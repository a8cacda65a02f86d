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
max_epochs = 8
param_scheduler = [
    dict(type='LinearLR', start_factor=0.01, by_epoch=False, begin=0, end=200),
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
train_cfg = dict(max_epochs=max_epochs, val_interval=2)
