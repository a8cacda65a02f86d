"""UNIK as a segmentor on Toyota Smarthome Untrimmed, cross-subject, from scratch (thesis 4.5.1)."""

_base_ = [
    '../_base_/segmentation_runtime.py',
    '../_base_/models/unik_segmentor.py',
    '../_base_/datasets/segmentation.py',
    '../_base_/schedules/step.py',
]
train_dataloader = dict(
    dataset=dict(_base_.stores.tsu, split='cs_train', pipeline=dict(move=dict(type='RandomMove')))
)
val_dataloader = dict(dataset=dict(_base_.stores.tsu, split='cs_test'))
test_dataloader = val_dataloader
pretrained = 'checkpoints/lac_unik_posetics_2d.pth'
