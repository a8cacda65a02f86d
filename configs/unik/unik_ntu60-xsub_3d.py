"""UNIK on NTU RGB+D 60, cross-subject, joints in 3D, from scratch (thesis 3.7.1).

25 joints in meters, the body upright and facing the front, repeated to 300 frames.
"""

_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/models/unik.py',
    '../_base_/datasets/skeletons.py',
    '../_base_/schedules/step.py',
]
__dataset = dict(
    _base_.stores.ntu60,
    pipeline=dict(normalize=dict(type='AlignSkeleton3D'), sample=dict(type='ReplayPad', length=300)),
)
train_dataloader = dict(batch_size=32, dataset=dict(__dataset, split='xsub_train'))
val_dataloader = dict(batch_size=32, dataset=dict(__dataset, split='xsub_val'))
test_dataloader = val_dataloader
layout = 'ntu25'
model = dict(backbone=dict(in_channels=3, num_joints=25), cls_head=dict(num_classes=60))
auto_scale_lr = dict(base_batch_size=32)
