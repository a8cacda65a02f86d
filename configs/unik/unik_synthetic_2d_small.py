"""A UNIK of half the width on procedural motions only: 45 actions of everyday life, none of them filmed."""

_base_ = '../_base_/recipes/own_skeletons_2d.py'

layout = 'posetics17'
num_person = 1
model = dict(
    backbone=dict(num_joints=17, num_person=1, channels=(32, 32, 32, 32, 64, 64, 64, 128, 128, 128)),
    cls_head=dict(num_classes=45, in_channels=128, dropout=0.1),
)
__pipeline = dict(sample=dict(length=64), format=dict(num_person=1))
train_dataloader = dict(dataset=dict(_base_.stores.synthetic, pipeline=__pipeline))
val_dataloader = dict(dataset=dict(_base_.stores.synthetic, split='val', pipeline=__pipeline))
test_dataloader = val_dataloader
# New clips teach more than repeated ones: many clips, few epochs.
train_cfg = dict(max_epochs=8, val_interval=2)
