"""2s-AGCN on Toyota Smarthome, cross-view 2, joints in 2D, from scratch (thesis 3.7.1)."""

_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/models/agcn.py',
    '../_base_/datasets/smarthome-cv2_2d.py',
    '../_base_/schedules/step_smarthome.py',
]
model = dict(cls_head=dict(num_classes=19))
