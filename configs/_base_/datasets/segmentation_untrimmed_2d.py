"""Procedural untrimmed sequences with co-occurring actions: windows of 128 frames, each in its own box."""

_base_ = './segmentation.py'

dataset = dict(
    ann_file='{{$MMACTREP_DATA_ROOT:data}}/untrimmed/2d',
    absent_hint='Make it with: python tools/data/make_untrimmed.py (its help shows both commands)',
)
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
train_dataloader = dict(dataset=dict(split='cs_train', window=128, pipeline=train_pipeline, **dataset))
val_dataloader = dict(dataset=dict(split='cs_test', window=128, stride=64, pipeline=test_pipeline, **dataset))
test_dataloader = val_dataloader
