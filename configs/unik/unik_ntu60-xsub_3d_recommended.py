"""UNIK on NTU RGB+D 60, cross-subject, from scratch, by the recipe recommended for one's own 3D skeletons."""

_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/models/unik_ntu25.py',
    '../_base_/datasets/ntu60-xsub_3d_recommended.py',
    '../_base_/schedules/cosine_recommended.py',
]
model = dict(cls_head=dict(num_classes=60, dropout=0.3, label_smooth_eps=0.1))
