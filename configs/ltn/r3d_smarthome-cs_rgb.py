"""R3D-50 on Toyota Smarthome CS from scratch (Table 5.5)."""

_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/datasets/videos_smarthome-cs.py',
    '../_base_/models/r3d50.py',
    '../_base_/schedules/r3d.py',
]
default_hooks = dict(checkpoint=dict(save_best='acc/mean_class_accuracy'))
