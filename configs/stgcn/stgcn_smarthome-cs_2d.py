"""ST-GCN on Toyota Smarthome, cross-subject, joints in 2D, from scratch (thesis 3.7.1)."""

_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/models/stgcn.py',
    '../_base_/datasets/smarthome-cs_2d.py',
    '../_base_/schedules/step_smarthome.py',
]
model = dict(cls_head=dict(num_classes=31))
