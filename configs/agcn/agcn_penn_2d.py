"""2s-AGCN on Penn Action joints in 2D, from scratch (thesis 3.7.1)."""

_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/models/agcn.py',
    '../_base_/datasets/penn_2d.py',
    '../_base_/schedules/step_penn.py',
]
model = dict(backbone=dict(num_person=1), cls_head=dict(num_classes=15))
