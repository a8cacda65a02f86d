"""UNIK as a segmentor on PKU-MMD, cross-subject, from scratch: windows of 300 frames (thesis 4.5.1).

The 25 joints of Kinect are mapped to the 17 of Posetics, so that weights pre-trained on Posetics fit.
"""

_base_ = [
    '../_base_/segmentation_runtime.py',
    '../_base_/models/unik_segmentor.py',
    '../_base_/datasets/segmentation.py',
    '../_base_/schedules/step.py',
]
__dataset = dict(
    _base_.stores.pku_mmd,
    pipeline=dict(
        layout=dict(type='MapLayout', target='posetics17'),
        normalize=dict(type='AlignSkeleton3D'),
        format=dict(num_person=2),
    ),
)
train_dataloader = dict(dataset=dict(__dataset, split='cs_train'))
val_dataloader = dict(dataset=dict(__dataset, split='cs_test'))
test_dataloader = val_dataloader
model = dict(
    backbone=dict(in_channels=3, num_person=2),
    cls_head=dict(num_classes=51),
)
val_evaluator = dict(
    # PKU-MMD's own protocol, as in published results (Table 4.3)
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
pretrained = 'checkpoints/lac_unik_posetics_3d.pth'
