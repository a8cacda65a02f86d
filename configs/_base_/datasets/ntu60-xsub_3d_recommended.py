"""NTU RGB+D 60, cross-subject, by the recommended recipe in 3D: the own box, 64 frames over the clip."""

_base_ = './ntu60-xsub_3d.py'

train_pipeline = [
    dict(type='BoxNormalize'),
    dict(type='UniformTemporalSample', length=64, jitter=True, short='stretch'),
    dict(type='RandomMirror'),
    dict(type='RandomRotate', max_angle=0.3),
    dict(type='RandomScale', scale=(0.8, 1.2)),
    dict(type='SkeletonStream'),
    dict(type='FormatSkeleton', num_person=2),
    dict(type='PackSkeletonInputs'),
]
test_pipeline = [
    dict(type='BoxNormalize'),
    dict(type='UniformTemporalSample', length=64, jitter=False, short='stretch'),
    dict(type='SkeletonStream'),
    dict(type='FormatSkeleton', num_person=2),
    dict(type='PackSkeletonInputs'),
]
train_dataloader = dict(batch_size=16, dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = dict(dataset=dict(pipeline=test_pipeline))
