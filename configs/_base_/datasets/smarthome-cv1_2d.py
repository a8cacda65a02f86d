"""Toyota Smarthome, cross-view 1: trained on camera 1, tested on camera 2, 19 classes, rare ones repeated."""

dataset = dict(
    type='SkeletonDataset',
    ann_file='{{$MMACTREP_DATA_ROOT:data}}/smarthome/2d',
    stream='joint',
    absent_hint='Make it with: python tools/data/convert_smarthome.py --src SMARTHOME/skeletons',
    classes=[
        'Cutbread',
        'Drink.Frombottle',
        'Drink.Fromcan',
        'Drink.Fromcup',
        'Drink.Fromglass',
        'Eat.Attable',
        'Eat.Snack',
        'Enter',
        'Getup',
        'Leave',
        'Pour.Frombottle',
        'Pour.Fromcan',
        'Readbook',
        'Sitdown',
        'Takepills',
        'Uselaptop',
        'Usetablet',
        'Usetelephone',
        'Walk',
    ],
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
    dataset=dict(split='cv1_train', pipeline=train_pipeline, repeat_below=1000, **dataset),
)
val_dataloader = dict(
    batch_size=1,
    num_workers=2,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(split='cv1_test', pipeline=test_pipeline, test_mode=True, **dataset),
)
test_dataloader = val_dataloader
