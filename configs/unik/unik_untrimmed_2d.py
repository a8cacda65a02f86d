"""UNIK as a segmentor on procedural untrimmed sequences, from scratch."""

_base_ = [
    '../_base_/segmentation_runtime.py',
    '../_base_/models/unik_segmentor_small.py',
    '../_base_/datasets/segmentation_untrimmed_2d.py',
    '../_base_/schedules/cosine_recommended.py',
]
model = dict(cls_head=dict(num_classes=38, dropout=0.2))
# many steps on small batches: the sequences are few
train_dataloader = dict(batch_size=8)
param_scheduler = [_base_.warmup, dict(_base_.cosine, T_max=10, end=10)]
train_cfg = dict(max_epochs=10, val_interval=10)
