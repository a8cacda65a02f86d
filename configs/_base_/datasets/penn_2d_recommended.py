"""Penn Action as a small data set deserves it: the clip's own box, 64 frames over the whole clip."""

_base_ = './skeletons.py'

dataset = dict(
    ann_file='{{$MMACTREP_DATA_ROOT:data}}/penn_action/2d',
    absent_hint='Make it with: python tools/data/convert_penn_action.py --src PENN_ACTION/labels',
)
train_pipeline = [
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
    dict(type='BoxNormalize'),
    dict(type='UniformTemporalSample', length=64, jitter=False, short='stretch'),
    dict(type='SkeletonStream'),
    dict(type='FormatSkeleton', num_person=1),
    dict(type='PackSkeletonInputs'),
]
train_dataloader = dict(
    batch_size=16,
    dataset=dict(split='train', pipeline=train_pipeline, **dataset),
)
val_dataloader = dict(
    batch_size=16,
    dataset=dict(split='test', pipeline=test_pipeline, **dataset),
)
test_dataloader = val_dataloader
