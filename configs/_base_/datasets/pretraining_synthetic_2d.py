"""Procedural motions for pre-training: windows of 64 consecutive frames, each in its own box.

As in segmentation, windows are cut first and then normalized.
"""

_base_ = './pretraining.py'

__sample = dict(type='RandomTemporalCrop', length=64)
__rest = dict(
    normalize=dict(type='BoxNormalize'),
    stream=dict(type='SkeletonStream'),
    format=dict(type='FormatSkeleton', num_person=1),
)
__fill = dict(type='FillMissingJoints')
train_dataloader = dict(
    batch_size=32,
    dataset=dict(
        _base_.stores.synthetic,
        split='train',
        pipeline=dict(
            _delete_=True,
            fill=__fill,
            sample=__sample,
            **__rest,
            pack=dict(type='PackSkeletonInputs', meta_keys=('frame_dir', 'sample_idx')),
        ),
    ),
)
__report = dict(
    _base_.stores.synthetic,
    pipeline=dict(
        _delete_=True,
        fill=__fill,
        sample=dict(__sample, test_mode=True),
        **__rest,
        pack=dict(type='PackSkeletonInputs'),
    ),
)
default_hooks = dict(
    knn=dict(
        train_dataloader=dict(dataset=dict(__report, split='train', labelled_fraction=0.2)),
        test_dataloader=dict(dataset=dict(__report, split='val')),
        interval=2,
    ),
    checkpoint=dict(interval=2),
)
