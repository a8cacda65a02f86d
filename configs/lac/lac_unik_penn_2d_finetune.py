"""Fine-tuning on Penn Action after LAC; ``--cfg-options load_from=None`` is the same from scratch."""

_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/models/unik.py',
    '../_base_/datasets/lac_penn_2d_labelled.py',
    '../_base_/schedules/cosine_recommended.py',
]
model = dict(
    backbone=dict(num_person=1, channels=(32, 32, 32, 32, 64, 64, 64, 128, 128, 128)),
    cls_head=dict(num_classes=15, in_channels=128, dropout=0.1, label_smooth_eps=0.1),
)
load_from = 'checkpoints/lac_unik_penn_2d.pth'
