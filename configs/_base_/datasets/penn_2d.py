"""Penn Action, official split, as the thesis reads it: raw screen coordinates, windows of 150 frames."""

dataset = dict(
    type='SkeletonDataset',
    ann_file='{{$MMACTREP_DATA_ROOT:data}}/penn_action/2d',
    stream='joint',
    absent_hint='Make it with: python tools/data/convert_penn_action.py --src PENN_ACTION/labels',
)
train_pipeline = [
    dict(type='RandomTemporalCrop', length=150),
    dict(type='RandomMove'),
    dict(type='SkeletonStream'),
    dict(type='FormatSkeleton', num_person=1),
    dict(type='PackSkeletonInputs'),
]
test_pipeline = [
    dict(type='ReplayPad', length=150),
    dict(type='SkeletonStream'),
    dict(type='FormatSkeleton', num_person=1),
    dict(type='PackSkeletonInputs'),
]
# all frames of every test clip, so clips differ in length
train_dataloader = dict(
    batch_size=8,
    num_workers=2,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(split='train', pipeline=train_pipeline, **dataset),
)
val_dataloader = dict(
    batch_size=1,
    num_workers=2,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(split='test', pipeline=test_pipeline, test_mode=True, **dataset),
)
test_dataloader = val_dataloader
