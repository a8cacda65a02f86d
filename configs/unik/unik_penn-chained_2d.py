"""UNIK as a segmentor on Penn Action's clips chained into long sequences, from scratch."""

_base_ = './unik_untrimmed_2d.py'

train_dataloader = dict(dataset=dict(_base_.stores.penn_chained, split='train'))
val_dataloader = dict(dataset=dict(_base_.stores.penn_chained, split='test'))
test_dataloader = val_dataloader
model = dict(cls_head=dict(num_classes=15))
# One action at a time, as in PKU-MMD: add the metric of Table 4.3.
__events = [f'{name}@{iou}' for name in ('pku_mAP', 'event_mAP_one_to_one') for iou in (0.1, 0.3, 0.5)]
test_evaluator = dict(items=(*_base_.val_evaluator['items'], *__events))
pretrained = 'checkpoints/lac_unik_penn_2d.pth'
