"""A linear classifier on frozen features for Toyota Smarthome CV2 (Table 5.5)."""

_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/datasets/videos_smarthome-cv2.py',
    '../_base_/models/r3d50.py',
    '../_base_/schedules/r3d_linear.py',
    '../_overlays_/linear.py',
]
default_hooks = dict(checkpoint=dict(save_best='acc/mean_class_accuracy'))
