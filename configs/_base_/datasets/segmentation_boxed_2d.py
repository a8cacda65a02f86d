"""Segmentation of 2D skeletons, each window in its own box, varied as in the recommended recipe."""

_base_ = './segmentation.py'

train_pipeline = [
    dict(type='FillMissingJoints'),
    dict(type='BoxNormalize'),
    dict(type='RandomMirror'),
    dict(type='RandomRotate', max_angle=0.3),
    dict(type='RandomScale', scale=(0.8, 1.2)),
    dict(type='SkeletonStream'),
    dict(type='FormatSkeleton', num_person=1),
    dict(type='PackSegmentationInputs'),
]
test_pipeline = [
    dict(type='FillMissingJoints'),
    dict(type='BoxNormalize'),
    dict(type='SkeletonStream'),
    dict(type='FormatSkeleton', num_person=1),
    dict(type='PackSegmentationInputs'),
]
train_dataloader = dict(dataset=dict(window=128, pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(window=128, stride=64, pipeline=test_pipeline))
test_dataloader = val_dataloader
