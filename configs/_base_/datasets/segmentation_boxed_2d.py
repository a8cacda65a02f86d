"""Segmentation of 2D skeletons: windows of 128 frames, each in its own box, varied as in the recipe."""

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
