"""NTU RGB+D 60, cross-subject: 25 joints in metres, replayed to 300 frames (thesis 3.7.1)."""

_base_ = './skeletons.py'

dataset = dict(
    ann_file='{{$MMACTREP_DATA_ROOT:data}}/ntu60/3d',
    absent_hint='Make it with: python tools/data/convert_ntu.py --src NTU/nturgb+d_skeletons',
)
train_pipeline = [
    dict(type='AlignSkeleton3D'),
    dict(type='ReplayPad', length=300),
    dict(type='SkeletonStream'),
    dict(type='FormatSkeleton', num_person=2),
    dict(type='PackSkeletonInputs'),
]
test_pipeline = [
    dict(type='AlignSkeleton3D'),
    dict(type='ReplayPad', length=300),
    dict(type='SkeletonStream'),
    dict(type='FormatSkeleton', num_person=2),
    dict(type='PackSkeletonInputs'),
]
train_dataloader = dict(
    batch_size=32,
    dataset=dict(split='xsub_train', pipeline=train_pipeline, **dataset),
)
val_dataloader = dict(
    batch_size=32,
    dataset=dict(split='xsub_val', pipeline=test_pipeline, **dataset),
)
test_dataloader = val_dataloader
