"""UNIK on Penn Action in normalised screen coordinates, as pre-training on Posetics has them."""

_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/models/unik.py',
    '../_base_/datasets/penn_2d_screen.py',
    '../_base_/schedules/step_penn.py',
]
model = dict(backbone=dict(num_person=1), cls_head=dict(num_classes=15))
