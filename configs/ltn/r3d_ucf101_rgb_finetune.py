"""Fine-tuning on UCF101 (Table 5.7): ``--load-from`` a pre-training."""

_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/datasets/videos_ucf101.py',
    '../_base_/models/r3d50.py',
    '../_base_/schedules/r3d_finetune.py',
    '../_overlays_/finetune.py',
]
