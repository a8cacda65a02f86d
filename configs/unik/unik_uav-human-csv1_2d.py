"""UNIK on UAV-Human, cross-subject 1, joints in 2D, from scratch (thesis 3.7.1): clips in their own box."""

_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/models/unik.py',
    '../_base_/datasets/skeletons.py',
    '../_base_/schedules/step.py',
]
__dataset = dict(
    _base_.stores.uav_human,
    pipeline=dict(normalize=dict(type='BoxNormalize'), sample=dict(type='ReplayPad', length=300)),
)
train_dataloader = dict(batch_size=32, dataset=dict(__dataset, split='csv1_train'))
val_dataloader = dict(batch_size=32, dataset=dict(__dataset, split='csv1_test'))
test_dataloader = val_dataloader
model = dict(cls_head=dict(num_classes=155))
auto_scale_lr = dict(base_batch_size=32)
pretrained = 'checkpoints/unik_posetics_2d.pth'
