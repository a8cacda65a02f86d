"""COCO's persons with poses, in 13 joints; the type of the data set is added by the config."""

__train = dict(
    layout='lcrnet13',
    source='coco17',
    data_root='{{$MMACTREP_DATA_ROOT:data}}/coco/',
    ann_file='annotations/person_keypoints_train2017.json',
    data_prefix=dict(img='train2017/'),
)
train_dataloader = dict(
    batch_size=4,
    num_workers=4,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=__train,
)
test_dataloader = dict(
    batch_size=1,
    num_workers=4,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        __train,
        ann_file='annotations/person_keypoints_val2017.json',
        data_prefix=dict(img='val2017/'),
        test_mode=True,
    ),
)
test_evaluator = dict(type='StudentMetric', layout='lcrnet13', thresholds=(0.5, 2.0), _scope_='mmactrep')
