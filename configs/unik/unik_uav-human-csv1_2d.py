"""UNIK on UAV-Human, cross-subject 1, joints in 2D, from scratch (thesis 3.7.1)."""

_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/models/unik.py',
    '../_base_/datasets/uav-human-csv1_2d.py',
    '../_base_/schedules/step_ntu60.py',
]
model = dict(cls_head=dict(num_classes=155))
