"""Segmentation of 2D skeletons: windows of 128 frames normalized by their box, the recipe's augmentation."""

_base_ = './segmentation.py'

__test = dict(fill=dict(type='FillMissingJoints'), normalize=dict(type='BoxNormalize'))
__train = dict(
    __test,
    mirror=dict(type='RandomMirror'),
    rotate=dict(type='RandomRotate', max_angle=0.3),
    scale=dict(type='RandomScale', scale=(0.8, 1.2)),
)
train_dataloader = dict(dataset=dict(window=128, pipeline=__train))
val_dataloader = dict(dataset=dict(window=128, stride=64, pipeline=__test))
test_dataloader = val_dataloader
