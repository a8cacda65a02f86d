"""UTD-MHAD's training subjects in 2D for pre-training, seen by cameras before the person; the test by one."""

_base_ = './pretraining.py'

__sample = dict(type='UniformTemporalSample', length=64, short='stretch')
__pipeline = dict(
    layout=dict(type='MapLayout', target='posetics17'),
    normalize=dict(type='BoxNormalize'),
    format=dict(num_person=1),
)
__front = dict(type='ProjectToCamera', cameras=[dict(yaw=0.0, pitch=5.0, distance=3.0)])
train_dataloader = dict(
    batch_size=32,
    dataset=dict(
        _base_.stores.utd_mhad,
        split='xsub_train',
        pipeline=dict(
            __pipeline,
            project=dict(
                type='ProjectToCamera',
                cameras=[dict(yaw=(-60.0, 60.0), pitch=(-5.0, 20.0), distance=(2.5, 6.0))],
            ),
            sample=dict(__sample, jitter=True),
        ),
    ),
)
__report = dict(
    _base_.stores.utd_mhad, pipeline=dict(__pipeline, project=__front, sample=dict(__sample, jitter=False))
)
default_hooks = dict(
    knn=dict(
        train_dataloader=dict(dataset=dict(__report, split='xsub_train')),
        test_dataloader=dict(dataset=dict(__report, split='xsub_test')),
    )
)
