"""UNIK as a segmentor on chained Penn Action clips, from scratch."""

_base_ = [
    '../_base_/segmentation_runtime.py',
    '../_base_/models/unik_segmentor_small.py',
    '../_base_/datasets/segmentation_penn-chained_2d.py',
    '../_base_/schedules/cosine_recommended.py',
]
model = dict(cls_head=dict(num_classes=15, dropout=0.2))
# many steps on small batches: the sequences are few
train_dataloader = dict(batch_size=8)
param_scheduler = [_base_.warmup, dict(_base_.cosine, T_max=10, end=10)]
train_cfg = dict(max_epochs=10, val_interval=10)
# One action at a time, as in PKU-MMD, whose metric Table 4.3 has.
events = [f'{name}@{iou}' for name in ('pku_mAP', 'event_mAP_one_to_one') for iou in (0.1, 0.3, 0.5)]
test_evaluator = dict(items=(*_base_.val_evaluator['items'], *events))
