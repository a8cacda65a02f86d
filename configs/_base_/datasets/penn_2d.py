"""Penn Action, official split, as the thesis reads it: raw screen coordinates, windows of 150 frames."""

_base_ = './skeletons.py'

dataset = dict(
    ann_file='{{$MMACTREP_DATA_ROOT:data}}/penn_action/2d',
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
train_dataloader = dict(
    batch_size=8,
    dataset=dict(split='train', pipeline=train_pipeline, **dataset),
)
# all frames of every test clip, so clips differ in length
val_dataloader = dict(
    batch_size=1,
    dataset=dict(split='test', pipeline=test_pipeline, **dataset),
)
test_dataloader = val_dataloader
