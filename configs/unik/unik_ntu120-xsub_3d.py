"""UNIK on NTU RGB+D 120, cross-subject, joints in 3D, from scratch (thesis 3.7.1)."""

_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/models/unik_ntu25.py',
    '../_base_/datasets/ntu120-xsub_3d.py',
    '../_base_/schedules/step_ntu120.py',
]
model = dict(cls_head=dict(num_classes=120))
