"""NTU RGB+D 60, cross-subject: 25 joints in metres, replayed to 300 frames (thesis 3.7.1)."""

dataset = dict(
    type='SkeletonDataset',
    ann_file='{{$MMACTREP_DATA_ROOT:data}}/ntu60/3d',
    stream='joint',
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
    num_workers=2,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(split='xsub_train', pipeline=train_pipeline, **dataset),
)
val_dataloader = dict(
    batch_size=32,
    num_workers=2,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(split='xsub_val', pipeline=test_pipeline, test_mode=True, **dataset),
)
test_dataloader = val_dataloader
