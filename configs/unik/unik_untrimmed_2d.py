"""UNIK as a segmentor on procedural untrimmed sequences with co-occurring actions, from scratch."""

_base_ = [
    '../_base_/segmentation_runtime.py',
    '../_base_/models/unik_segmentor_small.py',
    '../_base_/datasets/segmentation_boxed_2d.py',
    '../_base_/schedules/cosine_recommended.py',
]
# small batches for many steps: there are few sequences
train_dataloader = dict(batch_size=8, dataset=dict(_base_.stores.untrimmed, split='cs_train'))
val_dataloader = dict(dataset=dict(_base_.stores.untrimmed, split='cs_test'))
test_dataloader = val_dataloader
model = dict(cls_head=dict(num_classes=38, dropout=0.2))
train_cfg = dict(max_epochs=10, val_interval=10)
param_scheduler = [dict(_base_.warmup, share=0.5), _base_.cosine]
pretrained = 'checkpoints/lac_unik_synthetic_2d.pth'
