"""Penn Action in the normalised screen coordinates that the Posetics pre-training has seen."""

_base_ = './penn_2d.py'

train_pipeline = [
    dict(type='ScreenNormalize'),
    dict(type='RandomTemporalCrop', length=150),
    dict(type='RandomMove'),
    dict(type='SkeletonStream'),
    dict(type='FormatSkeleton', num_person=1),
    dict(type='PackSkeletonInputs'),
]
test_pipeline = [
    dict(type='ScreenNormalize'),
    dict(type='ReplayPad', length=150),
    dict(type='SkeletonStream'),
    dict(type='FormatSkeleton', num_person=1),
    dict(type='PackSkeletonInputs'),
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = dict(dataset=dict(pipeline=test_pipeline))
