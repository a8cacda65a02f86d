"""UNIK as a segmentor on chained Penn Action clips, from scratch."""

_base_ = [
    '../_base_/segmentation_runtime.py',
    '../_base_/models/unik_segmentor_small.py',
    '../_base_/datasets/segmentation_penn-chained_2d.py',
    '../_base_/schedules/cosine_recommended.py',
]
model = dict(cls_head=dict(num_classes=15, dropout=0.2))
param_scheduler = [_base_.warmup, dict(_base_.cosine, T_max=20, end=20)]
train_cfg = dict(max_epochs=20, val_interval=10)
