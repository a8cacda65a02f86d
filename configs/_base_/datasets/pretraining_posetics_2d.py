"""Posetics for pre-training without labels: windows of 150 frames in coordinates of the screen."""

_base_ = './pretraining.py'

__normalize = dict(type='ScreenNormalize')
train_dataloader = dict(
    batch_size=64,
    dataset=dict(
        _base_.stores.posetics,
        split='train',
        pipeline=dict(normalize=__normalize, sample=dict(type='RandomTemporalCrop', length=150)),
    ),
)
__report = dict(
    _base_.stores.posetics, pipeline=dict(normalize=__normalize, sample=dict(type='ReplayPad', length=150))
)
default_hooks = dict(
    knn=dict(
        # a tenth of the labels is enough to report accuracy
        train_dataloader=dict(dataset=dict(__report, split='train', labelled_fraction=0.1)),
        test_dataloader=dict(dataset=dict(__report, split='val')),
    )
)
