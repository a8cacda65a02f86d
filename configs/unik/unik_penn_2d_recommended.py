"""UNIK on Penn Action from scratch, by the recipe recommended for your own skeletons."""

_base_ = '../_base_/recipes/own_skeletons_2d.py'

layout = 'posetics17'
num_person = 1
model = dict(backbone=dict(num_joints=17, num_person=1), cls_head=dict(num_classes=15))
__pipeline = dict(sample=dict(length=64), format=dict(num_person=1))
train_dataloader = dict(dataset=dict(_base_.stores.penn, pipeline=__pipeline))
val_dataloader = dict(dataset=dict(_base_.stores.penn, pipeline=__pipeline))
test_dataloader = val_dataloader
