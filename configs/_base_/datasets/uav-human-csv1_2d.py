"""UAV-Human, cross-subject 1: 17 joints in 2D, replayed to 300 frames."""

_base_ = './skeletons.py'

dataset = dict(
    ann_file='{{$MMACTREP_DATA_ROOT:data}}/uav_human/2d',
    absent_hint='Make it with: python tools/data/convert_uav_human.py --src UAV_HUMAN/Skeleton',
)
train_pipeline = [
    dict(type='BoxNormalize'),
    dict(type='ReplayPad', length=300),
    dict(type='SkeletonStream'),
    dict(type='FormatSkeleton', num_person=2),
    dict(type='PackSkeletonInputs'),
]
test_pipeline = [
    dict(type='BoxNormalize'),
    dict(type='ReplayPad', length=300),
    dict(type='SkeletonStream'),
    dict(type='FormatSkeleton', num_person=2),
    dict(type='PackSkeletonInputs'),
]
train_dataloader = dict(
    batch_size=32,
    dataset=dict(split='csv1_train', pipeline=train_pipeline, **dataset),
)
val_dataloader = dict(
    batch_size=32,
    dataset=dict(split='csv1_test', pipeline=test_pipeline, **dataset),
)
test_dataloader = val_dataloader
