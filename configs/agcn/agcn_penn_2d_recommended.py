"""2s-AGCN on Penn Action from scratch, by the recipe recommended for a user's own skeletons."""

_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/models/agcn.py',
    '../_base_/datasets/penn_2d_recommended.py',
    '../_base_/schedules/cosine_recommended.py',
]
model = dict(
    backbone=dict(num_person=1),
    cls_head=dict(num_classes=15, dropout=0.3, label_smooth_eps=0.1),
)
