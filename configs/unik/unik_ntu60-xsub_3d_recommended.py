"""UNIK on NTU RGB+D 60, cross-subject, from scratch, by the recipe recommended for your own 3D skeletons."""

_base_ = '../_base_/recipes/own_skeletons_3d.py'

layout = 'ntu25'
num_person = 2
model = dict(backbone=dict(num_joints=25, num_person=2), cls_head=dict(num_classes=60))
__dataset = dict(_base_.stores.ntu60, pipeline=dict(sample=dict(length=64)))
train_dataloader = dict(dataset=dict(__dataset, split='xsub_train'))
val_dataloader = dict(batch_size=32, dataset=dict(__dataset, split='xsub_val'))
test_dataloader = val_dataloader
