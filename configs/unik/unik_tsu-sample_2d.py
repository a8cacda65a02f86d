"""UNIK as a segmentor on one real TSU video, first part against the rest, from scratch."""

_base_ = [
    '../_base_/segmentation_runtime.py',
    '../_base_/models/unik_segmentor_small.py',
    '../_base_/datasets/segmentation_tsu-sample_2d.py',
    '../_base_/schedules/cosine_recommended.py',
]
model = dict(cls_head=dict(num_classes=34, dropout=0.2))
