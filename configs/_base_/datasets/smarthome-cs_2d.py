"""Toyota Smarthome, cross-subject, 31 classes: windows of 400 frames, all for test (thesis 3.7.1)."""

dataset = dict(
    type='SkeletonDataset',
    ann_file='{{$MMACTREP_DATA_ROOT:data}}/smarthome/2d',
    stream='joint',
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
# all frames of every test clip, so clips differ in length
train_dataloader = dict(
    batch_size=16,
    num_workers=2,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(split='cs_train', pipeline=train_pipeline, **dataset),
)
val_dataloader = dict(
    batch_size=1,
    num_workers=2,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(split='cs_test', pipeline=test_pipeline, test_mode=True, **dataset),
)
test_dataloader = val_dataloader
