"""Fine-tuning on Toyota Smarthome CV2 (Table 5.5): ``--load-from`` a pre-training."""

_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/datasets/videos_smarthome-cv2.py',
    '../_base_/models/r3d50.py',
    '../_base_/schedules/r3d_finetune.py',
    '../_overlays_/finetune.py',
]
default_hooks = dict(checkpoint=dict(save_best='acc/mean_class_accuracy'))
