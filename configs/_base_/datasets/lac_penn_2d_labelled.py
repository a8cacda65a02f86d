"""Penn Action by the recommended recipe, missing joints filled in as in pre-training."""

_base_ = './penn_2d_recommended.py'

train_pipeline = [
    dict(type='FillMissingJoints'),
    dict(type='BoxNormalize'),
    dict(type='UniformTemporalSample', length=64, jitter=True, short='stretch'),
    dict(type='RandomMirror'),
    dict(type='RandomRotate', max_angle=0.3),
    dict(type='RandomScale', scale=(0.8, 1.2)),
    dict(type='SkeletonStream'),
    dict(type='FormatSkeleton', num_person=1),
    dict(type='PackSkeletonInputs'),
]
test_pipeline = [
    dict(type='FillMissingJoints'),
    dict(type='BoxNormalize'),
    dict(type='UniformTemporalSample', length=64, jitter=False, short='stretch'),
    dict(type='SkeletonStream'),
    dict(type='FormatSkeleton', num_person=1),
    dict(type='PackSkeletonInputs'),
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = dict(dataset=dict(pipeline=test_pipeline))
