"""Posetics in 2D: screen coordinates, windows of 150 frames, all (at most 300) for test (thesis 3.7.1)."""

_base_ = './skeletons.py'

dataset = dict(
    ann_file='{{$MMACTREP_DATA_ROOT:data}}/posetics/2d',
    absent_hint='Two ways forward: convert the real data with '
    'python tools/data/convert_posetics.py --src POSETICS, '
    'or make the stand-in, procedurally generated motion, with bash tools/quickstart.sh '
    'and set MMACTREP_DATA_ROOT=data/standin',
)
train_pipeline = [
    dict(type='ScreenNormalize'),
    dict(type='RandomTemporalCrop', length=150),
    dict(type='RandomMove'),
    dict(type='SkeletonStream'),
    dict(type='FormatSkeleton', num_person=2),
    dict(type='PackSkeletonInputs'),
]
test_pipeline = [
    dict(type='ScreenNormalize'),
    dict(type='ReplayPad', length=300),
    dict(type='SkeletonStream'),
    dict(type='FormatSkeleton', num_person=2),
    dict(type='PackSkeletonInputs'),
]
train_dataloader = dict(
    batch_size=64,
    dataset=dict(split='train', pipeline=train_pipeline, **dataset),
)
val_dataloader = dict(
    batch_size=64,
    dataset=dict(split='val', pipeline=test_pipeline, **dataset),
)
test_dataloader = val_dataloader
