"""Charades: windows of 64 frames (thesis 4.5.1)."""

_base_ = './segmentation.py'

dataset = dict(
    ann_file='{{$MMACTREP_DATA_ROOT:data}}/charades/2d',
    absent_hint='Make it with: python tools/data/convert_charades.py --src POSES --annotation CHARADES.json',
)
train_pipeline = [
    dict(type='ScreenNormalize'),
    dict(type='RandomMove'),
    dict(type='SkeletonStream'),
    dict(type='FormatSkeleton', num_person=1),
    dict(type='PackSegmentationInputs'),
]
test_pipeline = [
    dict(type='ScreenNormalize'),
    dict(type='SkeletonStream'),
    dict(type='FormatSkeleton', num_person=1),
    dict(type='PackSegmentationInputs'),
]
train_dataloader = dict(dataset=dict(split='train', window=64, pipeline=train_pipeline, **dataset))
val_dataloader = dict(dataset=dict(split='test', window=64, stride=32, pipeline=test_pipeline, **dataset))
test_dataloader = val_dataloader
