"""UTD-MHAD's depth pictures (tools/data/make_depth_pictures.py); the config adds the type of the data set."""

__dataset = dict(
    layout='lcrnet13',
    data_root='{{$MMACTREP_DATA_ROOT:data}}/utd_mhad/pictures',
    data_prefix=dict(img='pictures/'),
)
train_dataloader = dict(
    num_workers=0,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(__dataset, ann_file='annotations/clean_train.json'),
)
test_dataloader = dict(
    num_workers=0,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(__dataset, ann_file='annotations/degraded_val.json', test_mode=True),
)
test_evaluator = dict(type='StudentMetric', layout='lcrnet13', thresholds=(0.5, 2.0), _scope_='mmactrep')
