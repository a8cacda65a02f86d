"""Toyota Smarthome, cross-subject, 31 classes: windows of 400 frames, all for test (thesis 3.7.1)."""

_base_ = './skeletons.py'

dataset = dict(
    ann_file='{{$MMACTREP_DATA_ROOT:data}}/smarthome/2d',
    absent_hint='Make it with: python tools/data/convert_smarthome.py --src SMARTHOME/skeletons',
)
train_pipeline = [
    dict(type='ScreenNormalize'),
    dict(type='RandomTemporalCrop', length=400),
    dict(type='SkeletonStream'),
    dict(type='FormatSkeleton', num_person=2),
    dict(type='PackSkeletonInputs'),
]
test_pipeline = [
    dict(type='ScreenNormalize'),
    dict(type='ReplayPad', length=400),
    dict(type='SkeletonStream'),
    dict(type='FormatSkeleton', num_person=2),
    dict(type='PackSkeletonInputs'),
]
train_dataloader = dict(
    batch_size=16,
    dataset=dict(split='cs_train', pipeline=train_pipeline, **dataset),
)
# all frames of every test clip, so clips differ in length
val_dataloader = dict(
    batch_size=1,
    dataset=dict(split='cs_test', pipeline=test_pipeline, **dataset),
)
test_dataloader = val_dataloader
