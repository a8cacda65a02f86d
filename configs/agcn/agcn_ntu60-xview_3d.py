"""2s-AGCN on NTU RGB+D 60, cross-view, joints in 3D, from scratch (thesis 3.7.1)."""

_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/models/agcn_ntu25.py',
    '../_base_/datasets/ntu60-xview_3d.py',
    '../_base_/schedules/step_ntu60.py',
]
model = dict(cls_head=dict(num_classes=60))
