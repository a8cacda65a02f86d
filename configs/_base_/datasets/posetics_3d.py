"""Posetics in 3D: spine upright, shoulders along x, windows of 150 frames (thesis 3.7.1)."""

_base_ = './posetics_2d.py'

ann_file = '{{$MMACTREP_DATA_ROOT:data}}/posetics/3d'
train_pipeline = [
    dict(type='AlignSkeleton3D'),
    dict(type='RandomTemporalCrop', length=150),
    dict(type='RandomMove'),
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
train_dataloader = dict(dataset=dict(ann_file=ann_file, pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(ann_file=ann_file, pipeline=test_pipeline))
test_dataloader = val_dataloader
