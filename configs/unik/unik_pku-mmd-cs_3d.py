"""UNIK as a segmentor on PKU-MMD, cross-subject, from scratch."""

_base_ = [
    '../_base_/segmentation_runtime.py',
    '../_base_/models/unik_segmentor.py',
    '../_base_/datasets/segmentation_pku-mmd-cs_3d.py',
    '../_base_/schedules/step_smarthome.py',
]
model = dict(
    backbone=dict(in_channels=3, num_person=2),
    cls_head=dict(num_classes=51),
)
val_evaluator = dict(
    # PKU-MMD's own protocol, the one of published figures (Table 4.3)
    items=(
        *(f'pku_mAP@{iou}' for iou in (0.1, 0.3, 0.5)),
        *(f'{name}@0.5' for name in ('pku_video_mAP', 'pku_f1')),
        'pku_2D-AP',
        'frame_mAP',
    ),
    segments=dict(thresholds=(0.2, 0.4, 0.6), smooth=9, max_gap=10, min_length=15),
)
test_evaluator = val_evaluator
default_hooks = dict(checkpoint=dict(save_best='seg/pku_mAP@0.1'))
