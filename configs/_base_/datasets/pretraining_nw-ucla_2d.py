"""Northwestern-UCLA's skeletons as sensors 1 and 2 see them, for pre-training; KNNHook tests on sensor 3."""

_base_ = './pretraining.py'

__sample = dict(type='UniformTemporalSample', length=64, short='stretch')
__pipeline = dict(
    project=dict(type='ProjectToSensor'),
    layout=dict(type='MapLayout', target='posetics17'),
    normalize=dict(type='BoxNormalize'),
    format=dict(num_person=1),
)
train_dataloader = dict(
    batch_size=32,
    dataset=dict(
        _base_.stores.nw_ucla,
        split='xview_train',
        pipeline=dict(__pipeline, sample=dict(__sample, jitter=True)),
    ),
)
__report = dict(_base_.stores.nw_ucla, pipeline=dict(__pipeline, sample=dict(__sample, jitter=False)))
default_hooks = dict(
    knn=dict(
        train_dataloader=dict(dataset=dict(__report, split='xview_train')),
        test_dataloader=dict(dataset=dict(__report, split='xview_test_distinct')),
    )
)
