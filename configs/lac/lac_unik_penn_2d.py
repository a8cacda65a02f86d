"""LAC on Penn Action without labels, 64 frames over the whole clip, sized for two cores."""

_base_ = [
    '../_base_/datasets/pretraining.py',
    '../_base_/models/lac_unik_small.py',
    '../_base_/schedules/lac_pretrain_small.py',
]
__normalize = dict(type='BoxNormalize')
__sample = dict(type='UniformTemporalSample', length=64, short='stretch')
__pipeline = dict(normalize=__normalize, format=dict(num_person=1))
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
model = dict(composer=dict(normalize=__normalize))
