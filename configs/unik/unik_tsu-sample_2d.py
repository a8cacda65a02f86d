"""UNIK as a segmentor on one real TSU video, its first 60 % for training: shows that it runs."""

_base_ = [
    '../_base_/segmentation_runtime.py',
    '../_base_/models/unik_segmentor_small.py',
    '../_base_/datasets/segmentation_boxed_2d.py',
    '../_base_/schedules/cosine_recommended.py',
]
__dataset = dict(_base_.stores.tsu_sample, window=300)
train_dataloader = dict(dataset=dict(__dataset, split=None, portion=(0, 0.6), stride=100))
val_dataloader = dict(dataset=dict(__dataset, split='cs_test', portion=(0.6, 1), stride=150))
test_dataloader = val_dataloader
model = dict(cls_head=dict(dropout=0.2))
param_scheduler = [dict(_base_.warmup, share=0.6), _base_.cosine]
