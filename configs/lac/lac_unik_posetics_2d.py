"""LAC on Posetics joints in 2D, windows of 150 frames, no labels (thesis, 4.5.1; L2 of Table 4.7).

Three motions: ``--cfg-options model.composer.num_motions=3``.
"""

_base_ = [
    '../_base_/datasets/pretraining.py',
    '../_base_/models/lac_unik.py',
    '../_base_/schedules/lac_pretrain.py',
]
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
