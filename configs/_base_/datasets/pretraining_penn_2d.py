"""Penn Action for pre-training without labels: clips in their own box, 64 frames over the whole clip."""

_base_ = './pretraining.py'

__sample = dict(type='UniformTemporalSample', length=64, short='stretch')
__pipeline = dict(normalize=dict(type='BoxNormalize'), format=dict(num_person=1))
train_dataloader = dict(
    batch_size=32,
    dataset=dict(
        _base_.stores.penn, split='train', pipeline=dict(__pipeline, sample=dict(__sample, jitter=True))
    ),
)
__report = dict(_base_.stores.penn, pipeline=dict(__pipeline, sample=dict(__sample, jitter=False)))
default_hooks = dict(
    knn=dict(
        train_dataloader=dict(dataset=dict(__report, split='train')),
        test_dataloader=dict(dataset=dict(__report, split='test')),
    )
)
