"""UNIK as a segmentor on Toyota Smarthome Untrimmed, cross-view, from scratch."""

_base_ = [
    '../_base_/segmentation_runtime.py',
    '../_base_/models/unik_segmentor.py',
    '../_base_/datasets/segmentation_tsu-cv_2d.py',
    '../_base_/schedules/step_smarthome.py',
]
model = dict(cls_head=dict(num_classes=34))
